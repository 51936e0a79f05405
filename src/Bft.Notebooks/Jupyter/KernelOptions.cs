using System.Reflection;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>How a Jupyter kernel runs.</summary>
public sealed record KernelOptions
{
    /// <summary>Current folder of the cells; a front end starts a kernel in the notebook's folder.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Language of cells that name none: <see cref="CellLanguage.CSharp"/> or <see cref="CellLanguage.FSharp"/>.</summary>
    public string DefaultLanguage { get; init; } = CellLanguage.CSharp;

    /// <summary>Assemblies that every cell sees without an <c>#r</c> line.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];

    /// <summary>Types (with derived ones) shown by their <c>ToString</c> only.</summary>
    public IReadOnlyList<Type> ShownAsText { get; init; } = [];

    /// <summary>As in <see cref="SessionOptions.ShownBy"/>.</summary>
    public IReadOnlyDictionary<string, Func<object, IReadOnlyDictionary<string, string>>> ShownBy { get; init; } = new Dictionary<string, Func<object, IReadOnlyDictionary<string, string>>>();

    /// <summary>Process whose end ends the kernel, normally the front end; null to run until told to stop.</summary>
    public int? ParentProcess { get; init; }

    /// <summary>What one cell may show.</summary>
    public OutputLimits Limits { get; init; } = new();

    /// <summary>Where rejected messages and failures of the kernel are written; null for nowhere.</summary>
    public TextWriter? Log { get; init; }

    /// <summary>Every problem of these options, empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (!Directory.Exists(WorkingFolder))
            problems.Add($"{nameof(WorkingFolder)}: expected an existing folder, got '{WorkingFolder}'.");
        problems.AddRange(Limits.Validate());
        return problems;
    }
}
