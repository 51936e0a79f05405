using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Running;

/// <summary>Something that must not be committed.</summary>
/// <param name="File">The notebook, as the caller named it.</param>
/// <param name="Cell">Place of the cell among all cells, from 1; null when the whole file is meant.</param>
/// <param name="Line">Line in the cell, from 1; null when unknown.</param>
/// <param name="Message">Expected and actual.</param>
public sealed record NotebookProblem(string File, int? Cell, int? Line, string Message)
{
    /// <summary>File, place and message in one line.</summary>
    public override string ToString() =>
        $"{File}{(Cell is { } cell ? $": cell at position {cell}" : "")}{(Line is { } line ? $", line {line}" : "")}: {Message}";
}

/// <summary>Limits of a check.</summary>
public sealed record CheckOptions
{
    /// <summary>Largest file, in bytes.</summary>
    public long MaximumFileBytes { get; init; } = 2 << 20;

    /// <summary>Largest output, in characters of its JSON.</summary>
    public int MaximumOutputCharacters { get; init; } = 1 << 20;
}

/// <summary>Finds notebooks whose outputs are not those of their cells, or that hold what only one machine has.</summary>
public static partial class NotebookChecker
{
    /// <summary>Checks a file without running it: stale or missing outputs, absolute paths, parameters that are not literals, size.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotebookFormatException">The file is not a notebook.</exception>
    public static IReadOnlyList<NotebookProblem> Check(string path, CheckOptions options)
    {
        var notebook = NotebookFile.Read(path);
        var problems = new List<NotebookProblem>();
        var bytes = new FileInfo(path).Length;
        if (bytes > options.MaximumFileBytes)
            problems.Add(new NotebookProblem(path, null, null, $"the file has {bytes:N0} bytes; at most {options.MaximumFileBytes:N0} are allowed."));
        if (NotebookFile.Format(notebook) != File.ReadAllText(path, Encoding.UTF8))
            problems.Add(new NotebookProblem(path, null, null, "not formatted as Jupyter and this engine write it; run it again."));
        problems.AddRange(Staleness(notebook, path));
        problems.AddRange(Parameters(notebook, path));
        foreach (var cell in notebook.Cells)
            problems.AddRange(InCell(cell, path, options));
        return problems;
    }

    private static IEnumerable<NotebookProblem> Staleness(Notebook notebook, string path)
    {
        var recorded = CellsHash.Recorded(notebook);
        if (recorded is null)
            yield return new NotebookProblem(path, null, null, "never run to its end by this engine (metadata.bft.cells_sha256 is missing).");
        else if (recorded != CellsHash.Compute(notebook))
            yield return new NotebookProblem(path, null, null, "stale: the code was changed after the outputs were made. Run it again.");
        foreach (var cell in notebook.Cells.Where(cell => recorded is not null && cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source)))
            if (cell.Json["execution_count"] is not JsonValue count || !count.TryGetValue<int>(out var number) || number != cell.Number)
                yield return new NotebookProblem(path, cell.Position, null, $"execution_count: expected {cell.Number}, got {cell.Json["execution_count"]?.ToJsonString() ?? "null"}.");
    }

    private static IEnumerable<NotebookProblem> Parameters(Notebook notebook, string path)
    {
        string? message = null;
        try
        {
            _ = NotebookParameters.Declared(notebook, path);
        }
        catch (NotebookParameterException e)
        {
            message = e.Message;
        }

        if (message is not null)
            yield return new NotebookProblem(path, null, null, message.StartsWith(path, StringComparison.Ordinal) ? message[(path.Length + 2)..] : message);
        foreach (var cell in notebook.Cells.Where(cell => cell.Tags.Contains(NotebookParameters.InjectedTag)))
            yield return new NotebookProblem(path, cell.Position, null, "run with given parameters; the defaults belong in the repository.");
    }

    private static IEnumerable<NotebookProblem> InCell(NotebookCell cell, string path, CheckOptions options)
    {
        var number = 0;
        foreach (var line in cell.Source.Split('\n'))
        {
            number++;
            if (AbsolutePath().Match(line) is { Success: true } match)
                yield return new NotebookProblem(path, cell.Position, number, $"absolute path '{match.Value}'.");
        }

        if (cell.Kind != CellKind.Code)
            yield break;
        foreach (var output in cell.Outputs.OfType<JsonObject>())
        {
            if (output.Text("output_type") == "error")
                yield return new NotebookProblem(path, cell.Position, null, $"holds an error: {output.Text("evalue")}");
            var length = output.ToJsonString().Length;
            if (length > options.MaximumOutputCharacters)
                yield return new NotebookProblem(path, cell.Position, null, $"an output has {length:N0} characters; at most {options.MaximumOutputCharacters:N0} are allowed.");
            foreach (var text in Texts(output))
                if (AbsolutePath().Match(text) is { Success: true } match)
                    yield return new NotebookProblem(path, cell.Position, null, $"absolute path '{match.Value}' in an output.");
        }
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.Where(member => !IsBinary(member.Key)).SelectMany(member => Texts(member.Value)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static bool IsBinary(string key) => key.StartsWith("image/", StringComparison.Ordinal) && key != "image/svg+xml";

    [GeneratedRegex("""(?<![\w./:~-])(/(home|root|Users|tmp|var|mnt|media|work|workspaces?|data|opt|scratch|private)/[^\s"'<>]+|[A-Za-z]:\\[^\s"'<>]+)""")]
    private static partial Regex AbsolutePath();
}
