using System.Reflection;

namespace Bft.Notebooks.Sessions;

/// <summary>How a session starts.</summary>
public sealed record SessionOptions
{
    /// <summary>Current folder while a cell runs and base of relative paths; normally the notebook's folder.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Language of cells that name none: <see cref="CellLanguage.CSharp"/> or <see cref="CellLanguage.FSharp"/>.</summary>
    public string DefaultLanguage { get; init; } = CellLanguage.CSharp;

    /// <summary>Assemblies that every cell sees without an <c>#r</c> line, with all they refer to.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];

    /// <summary>Further assemblies by path, loaded into the default context at the start; relative to <see cref="WorkingFolder"/>.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Types (with derived ones) shown by their <c>ToString</c> only, because reading all their properties is slow or unsafe.</summary>
    public IReadOnlyList<Type> ShownAsText { get; init; } = [];

    /// <summary>
    /// How values of types are shown that only packages of a cell know: by full name of the type (or of a base type), what makes all forms of a value by MIME type.
    /// They count for the whole process and go before the formatters that packages bring.
    /// </summary>
    public IReadOnlyDictionary<string, Func<object, IReadOnlyDictionary<string, string>>> ShownBy { get; init; } = new Dictionary<string, Func<object, IReadOnlyDictionary<string, string>>>();

    /// <summary>What one cell may show.</summary>
    public OutputLimits Limits { get; init; } = new();

    /// <summary>Every problem of these options, empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (!Directory.Exists(WorkingFolder))
            problems.Add($"{nameof(WorkingFolder)}: expected an existing folder, got '{WorkingFolder}'.");
        problems.AddRange(References
            .Where(path => !File.Exists(Path.Combine(WorkingFolder, path)))
            .Select(path => $"{nameof(References)}: '{path}' does not exist."));
        problems.AddRange(Limits.Validate());
        if (DefaultLanguage is not (CellLanguage.CSharp or CellLanguage.FSharp))
            problems.Add($"{nameof(DefaultLanguage)}: expected {CellLanguage.CSharp} or {CellLanguage.FSharp}, got '{DefaultLanguage}'.");
        return problems;
    }
}
