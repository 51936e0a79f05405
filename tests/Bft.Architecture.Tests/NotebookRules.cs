using System.Text.RegularExpressions;
using Bft.Notebooks.Files;

namespace Bft.Architecture.Tests;

/// <summary>What notebooks of the repository may not be or hold. Every rule gives its violations in words.</summary>
internal static partial class NotebookRules
{
    private const int CellLines = 15;

    public static IEnumerable<string> CellLength(Notebook notebook) =>
        from cell in Code(notebook)
        let lines = cell.Source.TrimEnd().Split('\n').Length
        where lines > CellLines
        select $"cell {cell.Number}: {lines} lines, at most {CellLines}";

    /// <summary>Types belong to the libraries.</summary>
    public static IEnumerable<string> Types(Notebook notebook) =>
        from cell in Code(notebook)
        from Match match in TypeDefinition().Matches(cell.Source)
        select $"cell {cell.Number}: defines a type: {match.Value.Trim()}";

    public static IEnumerable<string> Parameters(Notebook notebook)
    {
        var tagged = Code(notebook).Where(cell => cell.Tags.Contains("parameters")).ToList();
        if (tagged.Count != 1)
            return [$"cells tagged 'parameters': expected 1, actual {tagged.Count}"];
        return new[] { "profile", "seed" }.Where(name => !Regex.IsMatch(tagged[0].Source, $@"\b{name}\s*=")).Select(name => $"parameters: no '{name}'");
    }

    /// <summary>The first cell is a title of one line.</summary>
    public static IEnumerable<string> Title(Notebook notebook) =>
        notebook.Cells is [{ Kind: CellKind.Markdown } first, ..] && first.Source.StartsWith("# ", StringComparison.Ordinal) ? [] : ["the first cell is no title"];

    /// <summary>Whether it has been run: only then can its outputs be stale.</summary>
    public static bool CarriesOutputs(Notebook notebook) => Code(notebook).Any(cell => cell.Json["outputs"]!.AsArray().Count > 0);

    private static IEnumerable<NotebookCell> Code(Notebook notebook) => notebook.Cells.Where(cell => cell.Kind == CellKind.Code);

    [GeneratedRegex(@"^\s*(((public|internal|private|sealed|static|abstract|partial|readonly|file)\s+)*(class|record|struct|interface|enum)\s+\w+|type\s+\w+.*=).*$", RegexOptions.Multiline)]
    private static partial Regex TypeDefinition();
}
