namespace Bft.Results;

/// <summary>A curve of numbers, with a band where uncertainty is known.</summary>
/// <param name="Name">What the curve shows, as in a legend.</param>
/// <param name="XLabel">Name and unit of the horizontal axis.</param>
/// <param name="YLabel">Name and unit of the vertical axis.</param>
/// <param name="X">[n] positions.</param>
/// <param name="Y">[n] values; NaN leaves a gap.</param>
/// <param name="Low">[n] lower edge of the band, or null.</param>
/// <param name="High">[n] upper edge of the band, or null.</param>
public sealed record Curve(string Name, string XLabel, string YLabel, double[] X, double[] Y, double[]? Low = null, double[]? High = null)
{
    /// <summary>All that is wrong with the lengths; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (Y.Length != X.Length)
            problems.Add($"Curve '{Name}': Y has {Y.Length} values, X has {X.Length}.");
        if (Low is null != High is null)
            problems.Add($"Curve '{Name}': a band needs both Low and High.");
        if (Low is not null && Low.Length != X.Length)
            problems.Add($"Curve '{Name}': Low has {Low.Length} values, X has {X.Length}.");
        if (High is not null && High.Length != X.Length)
            problems.Add($"Curve '{Name}': High has {High.Length} values, X has {X.Length}.");
        return problems;
    }

    /// <summary>Mean and range of several runs (seeds) of one quantity, point by point.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="xLabel">Name and unit of the horizontal axis.</param>
    /// <param name="yLabel">Name and unit of the vertical axis.</param>
    /// <param name="x">[n] positions shared by the runs.</param>
    /// <param name="runs">[runs][n] values.</param>
    /// <returns>The mean, with the smallest and largest run as the band; no band for a single run.</returns>
    /// <exception cref="ArgumentException">There is no run, or one has another length than <paramref name="x"/>.</exception>
    public static Curve OfRuns(string name, string xLabel, string yLabel, double[] x, IReadOnlyList<double[]> runs)
    {
        if (runs.Count == 0 || runs.Any(run => run.Length != x.Length))
            throw new ArgumentException($"Curve '{name}' needs at least one run, each of {x.Length} values; got lengths [{string.Join(", ", runs.Select(run => run.Length))}].", nameof(runs));
        double[] Each(Func<IEnumerable<double>, double> fold) => [.. x.Select((_, i) => fold(runs.Select(run => run[i])))];
        return runs.Count == 1
            ? new Curve(name, xLabel, yLabel, x, runs[0])
            : new Curve(name, xLabel, yLabel, x, Each(Enumerable.Average), Each(Enumerable.Min), Each(Enumerable.Max));
    }
}
