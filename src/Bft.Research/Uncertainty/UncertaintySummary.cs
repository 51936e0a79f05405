namespace Bft.Research.Uncertainty;

/// <summary>The statistics of a set of passages.</summary>
public sealed class UncertaintySummary
{
    private readonly Dictionary<string, (double Value, double[] Resamples)> _draws;
    private readonly double _level;

    internal UncertaintySummary(IReadOnlyList<ScoredPassage> passages, ulong seed, UncertaintyStudy study)
    {
        if (passages.Count == 0)
            throw new ArgumentException("passages: a summary needs at least one passage.", nameof(passages));
        Passages = passages.Count;
        Tokens = passages.Sum(p => p.Length);
        _level = study.Options.Level;
        List<IReadOnlyList<PassagePart>> parts = [.. passages.Select(p => PassageMeasures.Of(p, study))];
        List<double[]> rows = [.. parts.Select(p => p.SelectMany(part => new[] { part.Numerator, part.Denominator }).ToArray())];
        var bootstrap = new PassageBootstrap(rows, seed, study.Options.Resamples);
        _draws = parts[0].Select((part, k) => (part.Name, k)).ToDictionary(
            pair => pair.Name, pair => bootstrap.Of(sums => sums[2 * pair.k] / sums[2 * pair.k + 1]));
        Statistics = _draws.ToDictionary(pair => pair.Key, pair => Estimate.Percentile(pair.Value.Value, pair.Value.Resamples, _level));
    }

    /// <summary>Number of passages.</summary>
    public int Passages { get; }

    /// <summary>Number of tokens.</summary>
    public int Tokens { get; }

    /// <summary>Statistics by name, in the order of measurement.</summary>
    public IReadOnlyDictionary<string, Estimate> Statistics { get; }

    /// <summary>This minus another, statistic by statistic; resample b of the other is taken from resample b of this.</summary>
    public IReadOnlyDictionary<string, Estimate> Minus(UncertaintySummary other) => _draws.ToDictionary(
        pair => pair.Key,
        pair => Estimate.Percentile(
            pair.Value.Value - other._draws[pair.Key].Value,
            pair.Value.Resamples.Zip(other._draws[pair.Key].Resamples, (a, b) => a - b),
            _level));
}
