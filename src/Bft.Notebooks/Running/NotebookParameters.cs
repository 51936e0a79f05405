using Bft.Notebooks.Files;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>A parameter is unknown, its value does not fit, or the cell that declares it is not made of literals.</summary>
/// <param name="message">Names file, cell, line, expected and actual.</param>
public sealed class NotebookParameterException(string message) : Exception(message);

/// <summary>One assignment of a literal in the cell tagged <c>parameters</c>.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="Declaration">The text before the literal, such as <c>int seed = </c>.</param>
/// <param name="Literal">The literal as written.</param>
/// <param name="Line">Line in the cell, from 1.</param>
public sealed record NotebookParameter(string Name, string Declaration, string Literal, int Line);

/// <summary>Parameters of a notebook, in the manner of papermill: defaults in a cell tagged <c>parameters</c>, other values in a new cell behind it.</summary>
public static class NotebookParameters
{
    /// <summary>Tag of the cell with the defaults.</summary>
    public const string Tag = "parameters";

    /// <summary>Tag of the cell with the given values.</summary>
    public const string InjectedTag = "injected-parameters";

    /// <summary>Reads the declared parameters; empty when no cell is tagged.</summary>
    /// <exception cref="NotebookParameterException">Two cells are tagged, or a line is not an assignment of a literal.</exception>
    public static IReadOnlyList<NotebookParameter> Declared(Notebook notebook, string file) =>
        Find(notebook, file) is { } cell ? Read(cell, notebook, file) : [];

    /// <summary>Puts the values into a cell behind the defaults; an earlier such cell is replaced, and removed when there are no values.</summary>
    /// <exception cref="NotebookParameterException">A name is not declared, or a value has not the type of its default.</exception>
    public static void Apply(Notebook notebook, string file, IReadOnlyDictionary<string, string> values)
    {
        RemoveInjected(notebook);
        if (values.Count == 0)
            return;
        var cell = Find(notebook, file) ?? throw new NotebookParameterException(
            $"{file}: no cell is tagged '{Tag}', so {string.Join(", ", values.Keys)} cannot be set.");
        var declared = Read(cell, notebook, file);
        var names = declared.Select(parameter => parameter.Name).ToList();
        if (values.Keys.Except(names).FirstOrDefault() is { } unknown)
            throw new NotebookParameterException(
                $"{file}: unknown parameter {unknown}{(names.Count == 0 ? "" : $"; the nearest is {NearestName.Of(unknown, names)}")}. Declared: {string.Join(", ", names)}.");
        var language = cell.LanguageOr(notebook.DefaultLanguage);
        var end = language == CellLanguage.CSharp ? ";" : "";
        var lines = declared
            .Where(parameter => values.ContainsKey(parameter.Name))
            .Select(parameter => parameter.Declaration + Fit(parameter, values[parameter.Name], file) + end);
        notebook.InsertCodeAfter(cell, "injected-parameters", string.Join('\n', [$"#!{language}", .. lines]), InjectedTag);
    }

    /// <summary>Takes out the cells that <see cref="Apply"/> put in.</summary>
    internal static void RemoveInjected(Notebook notebook)
    {
        foreach (var old in notebook.Cells.Where(cell => cell.Tags.Contains(InjectedTag)).Reverse().ToList())
            notebook.Remove(old);
    }

    private static string Fit(NotebookParameter parameter, string value, string file) =>
        ParameterLiteral.Replace(parameter.Literal, value)
        ?? throw new NotebookParameterException(
            $"{file}: parameter {parameter.Name}: '{value}' does not fit the default {parameter.Literal} ({ParameterLiteral.Describe(parameter.Literal)} expected).");

    private static NotebookCell? Find(Notebook notebook, string file)
    {
        var cells = notebook.Cells.Where(cell => cell.Kind == CellKind.Code && cell.Tags.Contains(Tag)).ToList();
        return cells.Count > 1
            ? throw new NotebookParameterException($"{file}: cells {string.Join(" and ", cells.Select(cell => cell.Number))} are both tagged '{Tag}'; expected one.")
            : cells.FirstOrDefault();
    }

    private static List<NotebookParameter> Read(NotebookCell cell, Notebook notebook, string file)
    {
        var language = cell.LanguageOr(notebook.DefaultLanguage);
        var parameters = new List<NotebookParameter>();
        var number = 0;
        foreach (var line in cell.Source.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith("//", StringComparison.Ordinal) || line.StartsWith("#!", StringComparison.Ordinal))
                continue;
            parameters.Add(ParameterLiteral.Parse(line, language, number) ?? throw new NotebookParameterException(
                $"{file}: cell {cell.Number}, line {number}: expected an assignment of a literal "
                + $"({(language == CellLanguage.FSharp ? "let seed = 7" : "var seed = 7;")}), got '{line.Trim()}'."));
        }

        return parameters;
    }
}
