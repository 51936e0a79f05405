using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Files;

/// <summary>What a cell is.</summary>
public enum CellKind
{
    /// <summary>Code that is run.</summary>
    Code,

    /// <summary>Text for readers.</summary>
    Markdown,

    /// <summary>Text for converters.</summary>
    Raw,
}

/// <summary>One cell of a notebook; a view on its JSON.</summary>
public sealed class NotebookCell
{
    internal NotebookCell(JsonObject json, int position)
    {
        Json = json;
        Position = position;
    }

    /// <summary>The cell as it is written.</summary>
    public JsonObject Json { get; }

    /// <summary>Place among all cells, from 1.</summary>
    public int Position { get; }

    /// <summary>Place among code cells, from 1, which a run from the top also gives as execution count; 0 for other cells.</summary>
    public int Number { get; internal set; }

    /// <summary>Code, Markdown or raw.</summary>
    public CellKind Kind => Json["cell_type"]!.GetValue<string>() switch
    {
        "code" => CellKind.Code,
        "markdown" => CellKind.Markdown,
        _ => CellKind.Raw,
    };

    /// <summary>The text, with <c>\n</c> line ends.</summary>
    public string Source
    {
        get => MultilineText.FromJson(Json["source"]);
        set => Json["source"] = MultilineText.ToLines(value);
    }

    /// <summary>The cell's metadata.</summary>
    public JsonObject Metadata => Json["metadata"]!.AsObject();

    /// <summary>The tags in the metadata.</summary>
    public IReadOnlyList<string> Tags => Metadata["tags"] is JsonArray tags ? [.. tags.OfType<JsonValue>().Select(tag => tag.ToString())] : [];

    /// <summary>Outputs of a code cell.</summary>
    public JsonArray Outputs => Json["outputs"]!.AsArray();

    /// <summary>The language the metadata names (<c>polyglot_notebook.kernelName</c> or <c>dotnet_interactive.language</c>), or null.</summary>
    public string? MetadataLanguage => Metadata.Text("polyglot_notebook", "kernelName") ?? Metadata.Text("dotnet_interactive", "language");

    /// <summary>The language of the cell's first code: a <c>#!</c> line above it, else its metadata, else the notebook's default.</summary>
    public string LanguageOr(string notebookDefault)
    {
        foreach (var line in Source.Split('\n').TakeWhile(line => string.IsNullOrWhiteSpace(line) || line.StartsWith("//", StringComparison.Ordinal) || IsMagic(line)))
            if (IsMagic(line) && CellLanguage.TryParse(line[2..].Trim(), out var named))
                return named;
        var language = MetadataLanguage ?? notebookDefault;
        return CellLanguage.TryParse(language, out var known) ? known : language;
    }

    private static bool IsMagic(string line) => line.StartsWith("#!", StringComparison.Ordinal);
}
