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
    /// <summary>What the outputs of a notebook may add to its file, in bytes.</summary>
    public long MaximumOutputBytes { get; init; } = 300_000;

    /// <summary>Every problem of these options, empty when there is none.</summary>
    public IReadOnlyList<string> Validate() => MaximumOutputBytes > 0 ? [] : [$"{nameof(MaximumOutputBytes)}: expected more than 0 bytes, got {MaximumOutputBytes}."];
}

/// <summary>Finds notebooks whose outputs are not those of their cells, or that hold what only one machine has.</summary>
public static partial class NotebookChecker
{
    /// <summary>
    /// Checks a file without running it: stale or missing outputs, their size, absolute paths, keys of services, parameters that are not literals, pictures
    /// without an alternative text, errors. A notebook without any output holds nothing that could be stale.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotebookFormatException">The file is not a notebook.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static IReadOnlyList<NotebookProblem> Check(string path, CheckOptions options)
    {
        if (options.Validate() is [_, ..] wrong)
            throw new ArgumentException(string.Join(' ', wrong), nameof(options));
        var text = File.ReadAllText(path, Encoding.UTF8);
        var notebook = NotebookFile.Parse(text, path);
        var problems = new List<NotebookProblem>();
        var bytes = OutputBytes(notebook, path);
        if (bytes > options.MaximumOutputBytes)
            problems.Add(new NotebookProblem(path, null, null, $"the outputs take {bytes:N0} bytes of the file; at most {options.MaximumOutputBytes:N0} are allowed. Largest: {Largest(notebook)}."));
        if (NotebookFile.Format(notebook) != text)
            problems.Add(new NotebookProblem(path, null, null, "not formatted as Jupyter and this engine write it; run it again."));
        problems.AddRange(Staleness(notebook, path));
        problems.AddRange(Parameters(notebook, path));
        foreach (var cell in notebook.Cells)
            problems.AddRange(InSource(cell, path).Concat(cell.Kind == CellKind.Code ? InOutputs(cell, path) : []));
        return problems;
    }

    /// <summary>What the outputs add to the file of a notebook, in bytes.</summary>
    public static long OutputBytes(Notebook notebook, string file)
    {
        var bare = NotebookFile.Parse(notebook.Root.ToJsonString(), file);
        OutputStripper.Strip(bare);
        return Encoding.UTF8.GetByteCount(NotebookFile.Format(notebook)) - Encoding.UTF8.GetByteCount(NotebookFile.Format(bare));
    }

    private static string Largest(Notebook notebook) => string.Join(", ", notebook.Cells
        .Where(cell => cell.Kind == CellKind.Code)
        .Select(cell => (cell.Position, Size: Encoding.UTF8.GetByteCount(cell.Outputs.ToJsonString())))
        .OrderByDescending(cell => cell.Size).Take(3)
        .Select(cell => $"cell at position {cell.Position} ({cell.Size:N0})"));

    private static IEnumerable<NotebookProblem> Staleness(Notebook notebook, string path)
    {
        var recorded = CellsHash.Recorded(notebook);
        if (recorded is null && !HoldsRun(notebook))
            yield break; // nothing that could be stale
        if (recorded is null)
            yield return new NotebookProblem(path, null, null, "never run to its end by this engine (metadata.bft.cells_sha256 is missing).");
        else if (recorded != CellsHash.Compute(notebook))
            yield return new NotebookProblem(path, null, null, "stale: the code was changed after the outputs were made. Run it again.");
        foreach (var cell in notebook.Cells.Where(cell => recorded is not null && cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source)))
            if (cell.Json["execution_count"] is not JsonValue count || !count.TryGetValue<int>(out var number) || number != cell.Number)
                yield return new NotebookProblem(path, cell.Position, null, $"execution_count: expected {cell.Number}, got {cell.Json["execution_count"]?.ToJsonString() ?? "null"}.");
    }

    private static bool HoldsRun(Notebook notebook) =>
        notebook.Cells.Any(cell => cell.Kind == CellKind.Code && (cell.Outputs.Count > 0 || cell.Json["execution_count"] is not null));

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

    private static IEnumerable<NotebookProblem> InSource(NotebookCell cell, string path)
    {
        foreach (var (number, line) in cell.Source.Split('\n').Index())
            foreach (var found in InText(line))
                yield return new NotebookProblem(path, cell.Position, number + 1, found + ".");
        if (cell.Kind == CellKind.Markdown && ImageTexts.MissingInMarkdown(cell.Source) is > 0 and var missing)
            yield return new NotebookProblem(path, cell.Position, null, $"{missing} picture(s) without an alternative text.");
    }

    private static IEnumerable<NotebookProblem> InOutputs(NotebookCell cell, string path)
    {
        foreach (var output in cell.Outputs.OfType<JsonObject>())
        {
            if (output.Text("output_type") == "error")
                yield return new NotebookProblem(path, cell.Position, null, $"holds an error: {output.Text("evalue")}");
            if (ImageTexts.Missing(output) is > 0 and var missing)
                yield return new NotebookProblem(path, cell.Position, null, $"{missing} picture(s) without an alternative text in an output.");
            foreach (var found in Texts(output).SelectMany(text => InText(EmbeddedData().Replace(text, ""))).Distinct())
                yield return new NotebookProblem(path, cell.Position, null, found + " in an output.");
        }
    }

    private static IEnumerable<string> InText(string text)
    {
        if (AbsolutePath().Match(text) is { Success: true } match)
            yield return $"absolute path '{match.Value}'";
        if (SecretPatterns.Find(text) is { } secret)
            yield return $"what looks like {secret}";
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.Where(member => !OutputRecorder.IsBinary(member.Key)).SelectMany(member => Texts(member.Value)),
        JsonArray items when MultilineText.IsLines(items) => [MultilineText.FromJson(items)],
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    [GeneratedRegex("""(?<![\w./:~-])(/(home|root|Users|tmp|var|mnt|media|work|workspaces?|data|opt|scratch|private)/[^\s"'<>]+|[A-Za-z]:\\[^\s"'<>]+)""")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex("data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+")]
    private static partial Regex EmbeddedData();
}
