using System.Reflection;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>How a notebook is run without a reader.</summary>
public sealed record RunOptions
{
    /// <summary>Values by parameter name that replace the literals of the cell tagged <c>parameters</c>; text as a user types it (<c>mini</c>, <c>7</c>, <c>1e-4</c>).</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time for one cell; null for no limit.</summary>
    public TimeSpan? CellTimeout { get; init; }

    /// <summary>Longest time for all cells together; null for no limit.</summary>
    public TimeSpan? NotebookTimeout { get; init; }

    /// <summary>How long an interrupted cell may take to stop before the run is given up.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As in <see cref="SessionOptions.Assemblies"/>.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];

    /// <summary>As in <see cref="SessionOptions.ShownAsText"/>.</summary>
    public IReadOnlyList<Type> ShownAsText { get; init; } = [];

    /// <summary>As in <see cref="SessionOptions.ShownBy"/>.</summary>
    public IReadOnlyDictionary<string, Func<object, IReadOnlyDictionary<string, string>>> ShownBy { get; init; } = new Dictionary<string, Func<object, IReadOnlyDictionary<string, string>>>();

    /// <summary>Told when a cell begins, now and then how far its long work is, and when it has succeeded.</summary>
    public IProgress<CellProgress>? Progress { get; init; }

    /// <summary>Told what the running cell shows, beside its being recorded.</summary>
    internal Action<CellOutput>? Shown { get; init; }

    /// <summary>Every problem of these options, empty when there is none.</summary>
    public IReadOnlyList<string> Validate() =>
    [
        .. new (string Name, TimeSpan? Value)[] { (nameof(CellTimeout), CellTimeout), (nameof(NotebookTimeout), NotebookTimeout), (nameof(Grace), Grace) }
            .Where(limit => limit.Value <= TimeSpan.Zero)
            .Select(limit => $"{limit.Name}: expected a positive time, got {limit.Value}."),
    ];
}

/// <summary>A cell of a run begins, goes on or has succeeded.</summary>
/// <param name="Number">The code cell, from 1.</param>
/// <param name="Position">Its place among all cells, from 1.</param>
/// <param name="Of">Code cells in the notebook.</param>
/// <param name="Elapsed">Time the cell took; null until it has succeeded.</param>
/// <param name="Note">How far the cell's long work is; null when it begins or has succeeded.</param>
public sealed record CellProgress(int Number, int Position, int Of, TimeSpan? Elapsed, string? Note = null);
