using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Files;

/// <summary>Reads and writes <c>.ipynb</c> files. What is written equals, byte for byte, what Jupyter's <c>nbformat.write</c> gives for the same content.</summary>
/// <remarks>One difference: a file of format 4.0 to 4.4 is raised to 4.5 with ids <c>cell-1</c>, <c>cell-2</c>, … instead of random ones.</remarks>
public static class NotebookFile
{
    private const int Major = 4;
    private const int MinorWithIds = 5;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotebookFormatException">It is not JSON, or not a notebook of format 4.</exception>
    public static Notebook Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Reads a notebook from text; <paramref name="file"/> names it in errors.</summary>
    /// <exception cref="NotebookFormatException">As for <see cref="Read"/>.</exception>
    public static Notebook Parse(string json, string file)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new NotebookFormatException(file, $"line {e.LineNumber + 1}: not JSON. {e.Message}", e);
        }

        var root = node as JsonObject ?? throw new NotebookFormatException(file, "expected a JSON object, the notebook.");
        try
        {
            NotebookShape.Check(root);
        }
        catch (FormatException e)
        {
            throw new NotebookFormatException(file, e.Message, e);
        }
        catch (ArgumentException e)
        {
            throw new NotebookFormatException(file, $"a key occurs twice. {e.Message}", e);
        }

        Raise(root);
        return new Notebook(root);
    }

    /// <summary>The text of the file, with final newline.</summary>
    public static string Format(Notebook notebook) => NotebookJson.Write(notebook.Root);

    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(Notebook notebook, string path)
    {
        var full = Path.GetFullPath(path);
        var draft = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllText(draft, Format(notebook), s_utf8);
            File.Move(draft, full, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static void Raise(JsonObject root)
    {
        if (root["nbformat_minor"]!.GetValue<int>() >= MinorWithIds)
            return;
        root["nbformat_minor"] = MinorWithIds;
        var cells = root["cells"]!.AsArray();
        for (var i = 0; i < cells.Count; i++)
            cells[i]!["id"] ??= $"cell-{i + 1}";
    }

    /// <summary>The part of the format's rules that this library relies on.</summary>
    private static class NotebookShape
    {
        public static void Check(JsonObject root)
        {
            var major = Integer(root, "nbformat");
            if (major != Major)
                throw new FormatException($"nbformat: expected {Major}, got {major}. Convert the file with Jupyter first.");
            _ = Integer(root, "nbformat_minor");
            if (root["metadata"] is not JsonObject)
                throw new FormatException("metadata: expected an object.");
            var cells = root["cells"] as JsonArray ?? throw new FormatException("cells: expected a list.");
            var ids = new HashSet<string>();
            for (var i = 0; i < cells.Count; i++)
                CheckCell(cells[i] as JsonObject ?? throw new FormatException($"cell at position {i + 1}: expected an object."), i + 1, ids);
        }

        private static void CheckCell(JsonObject cell, int position, HashSet<string> ids)
        {
            var kind = cell.Text("cell_type");
            if (kind is not ("code" or "markdown" or "raw"))
                throw new FormatException($"cell at position {position}: cell_type: expected code, markdown or raw, got '{kind}'.");
            if (!IsText(cell["source"]))
                throw new FormatException($"cell at position {position}: source: expected text or a list of lines.");
            if (cell["metadata"] is not JsonObject)
                throw new FormatException($"cell at position {position}: metadata: expected an object.");
            if (kind == "code" && (cell["outputs"] is not JsonArray outputs || outputs.Any(output => output is not JsonObject)))
                throw new FormatException($"cell at position {position}: outputs: expected a list of objects.");
            if (cell.Text("id") is { } id && !ids.Add(id))
                throw new FormatException($"cell at position {position}: id '{id}' is used twice.");
        }

        private static bool IsText(JsonNode? node) =>
            node is JsonArray lines ? lines.All(IsString) : IsString(node);

        private static bool IsString(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out _);

        private static int Integer(JsonObject root, string key) =>
            root[key] is JsonValue value && value.TryGetValue<int>(out var number)
                ? number
                : throw new FormatException($"{key}: expected a whole number, got {root[key]?.ToJsonString() ?? "nothing"}. Is this a notebook?");
    }
}
