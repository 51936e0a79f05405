namespace Bft.Research.Data;

/// <summary>Counts of rows that were used, of rows that were used although something is the matter with them, and of rows left out.</summary>
public sealed class DataReport
{
    private readonly Dictionary<DataProblem, (int Count, string First)> _skipped = [], _warned = [];

    /// <summary>Rows that were read and could be made into conversations.</summary>
    public int Read { get; internal set; }

    /// <summary>Rows that became examples.</summary>
    public int Used { get; internal set; }

    /// <summary>Rows left out, by reason.</summary>
    public IReadOnlyDictionary<DataProblem, int> Skipped => _skipped.ToDictionary(p => p.Key, p => p.Value.Count);

    /// <summary>Rows used although, by reason; a row may count for several.</summary>
    public IReadOnlyDictionary<DataProblem, int> Warned => _warned.ToDictionary(p => p.Key, p => p.Value.Count);

    /// <summary>Message of the first row of every reason, left out or used.</summary>
    public IReadOnlyList<string> Examples => [.. Counts().Select(count => count.First)];

    /// <summary>What is the matter with rows, used or left out, by kind.</summary>
    internal IEnumerable<(DataProblem Problem, int Count, string First)> Counts() => _skipped.Concat(_warned).OrderBy(p => p.Key).Select(p => (p.Key, p.Value.Count, p.Value.First));

    /// <summary>Applies a policy to a row.</summary>
    /// <returns>True when the row is used all the same.</returns>
    /// <exception cref="DataFileException">It is refused.</exception>
    internal bool Judge(DataFileException bad, RowPolicies policies)
    {
        var policy = policies.For(bad.Problem);
        if (policy == RowPolicy.Refuse)
            throw bad;
        var counts = policy == RowPolicy.Warn ? _warned : _skipped;
        var (count, first) = counts.GetValueOrDefault(bad.Problem, (0, bad.Message));
        counts[bad.Problem] = (count + 1, first);
        return policy == RowPolicy.Warn;
    }

    /// <summary>The counts in words, with the first row of every reason.</summary>
    public override string ToString() =>
        $"{Used} rows used, {Total(_warned)} warnings{Words(_warned)}, {Total(_skipped)} left out{Words(_skipped)}" + string.Concat(Examples.Select(example => $"; first: {example}"));

    private static int Total(Dictionary<DataProblem, (int Count, string First)> counts) => counts.Values.Sum(c => c.Count);

    private static string Words(Dictionary<DataProblem, (int Count, string First)> counts) =>
        counts.Count == 0 ? "" : $" ({string.Join(", ", counts.OrderBy(p => p.Key).Select(p => $"{p.Key} {p.Value.Count}"))})";
}
