namespace Bft.Notebooks.Sessions;

/// <summary>What one cell may show; what comes after is dropped, and one line on standard error says so.</summary>
public sealed record OutputLimits
{
    /// <summary>Characters printed.</summary>
    public int Text { get; init; } = 10_000_000;

    /// <summary>Outputs displayed; updates do not count.</summary>
    public int Outputs { get; init; } = 2000;

    /// <summary>Characters of displayed data, updates included, all formats together.</summary>
    public int Data { get; init; } = 64_000_000;

    /// <summary>Every problem of these limits, empty when there is none.</summary>
    public IReadOnlyList<string> Validate() =>
    [
        .. new[] { (nameof(Text), Text), (nameof(Outputs), Outputs), (nameof(Data), Data) }
            .Where(limit => limit.Item2 <= 0)
            .Select(limit => $"{nameof(OutputLimits)}.{limit.Item1}: expected more than 0, got {limit.Item2}."),
    ];
}
