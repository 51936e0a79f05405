namespace Bft.Research.Training;

/// <summary>What happens at a loss or gradient that is not finite.</summary>
public enum OnNonFinite
{
    /// <summary>The run stops and names step, rows and checkpoint.</summary>
    Stop,

    /// <summary>The step is left out: no weight and no moment changes, the next rows follow; counted and reported.</summary>
    Skip,
}

/// <summary>What happens at a loss or gradient that is not finite, and how often.</summary>
public sealed record NonFiniteOptions
{
    /// <summary>What happens.</summary>
    public OnNonFinite Policy { get; init; }

    /// <summary>Steps in a row that may be left out; one more stops the run.</summary>
    public int MaxSkipsInARow { get; init; } = 3;

    /// <summary>Whether one more step may be left out.</summary>
    /// <param name="inARow">Steps left out since the last that was taken.</param>
    internal bool Allows(int inARow) => Policy == OnNonFinite.Skip && inARow < MaxSkipsInARow;

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (!Enum.IsDefined(Policy))
            problems.Add($"Policy: expected {nameof(OnNonFinite.Stop)} or {nameof(OnNonFinite.Skip)}, actual {Policy}");
        if (MaxSkipsInARow < 1)
            problems.Add($"MaxSkipsInARow: expected a whole number above 0, actual {MaxSkipsInARow}");
        return problems;
    }
}
