using Bft.Research.Numerics;

namespace Bft.Research.Uncertainty;

/// <summary>A statistic with its bootstrap interval over passages.</summary>
/// <param name="Value">The statistic; NaN when it is not defined, for example a share of no tokens.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record Estimate(double Value, double Low, double High)
{
    /// <summary>The percentile interval of a statistic's resamples; those that are not defined are left out.</summary>
    /// <param name="value">The statistic of the whole sample.</param>
    /// <param name="resamples">The statistic of each resample.</param>
    /// <param name="level">For example 0.95.</param>
    public static Estimate Percentile(double value, IEnumerable<double> resamples, double level)
    {
        double[] sorted = [.. resamples.Where(v => !double.IsNaN(v)).Order()];
        if (sorted.Length == 0)
            return new(value, double.NaN, double.NaN);
        var tail = (1 - level) / 2;
        return new(value, Quantile.OfSorted(sorted, tail), Quantile.OfSorted(sorted, 1 - tail));
    }
}
