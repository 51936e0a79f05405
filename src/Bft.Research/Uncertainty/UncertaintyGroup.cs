using Bft.Research.Numerics;

namespace Bft.Research.Uncertainty;

/// <summary>The two kinds of uncertain window that the BFT paper tells apart, and the rest.</summary>
public enum UncertaintyGroup
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>Group A: a few low tokens, scattered.</summary>
    A,

    /// <summary>Group B: many low tokens, in long runs.</summary>
    B,
}

/// <summary>Rules that put windows into groups. The paper's own cut-offs are not known; these are ours.</summary>
public static class UncertaintyGroups
{
    /// <summary>Fixed cut-offs: A when 0 &lt; fraction ≤ 10 % and no run is longer than 3; B when fraction ≥ 30 % and a run is at least 8. Decided in integers.</summary>
    public static UncertaintyGroup Fixed(LowConfidence low) =>
        low.LowCount > 0 && 10L * low.LowCount <= low.Length && low.LongestRun <= 3 ? UncertaintyGroup.A
        : low.Length > 0 && 10L * low.LowCount >= 3L * low.Length && low.LongestRun >= 8 ? UncertaintyGroup.B
        : UncertaintyGroup.None;
}

/// <summary>Cut-offs taken from a set of windows, for models and texts that fixed cut-offs do not fit.</summary>
/// <param name="FractionMedian">Median of the low fraction.</param>
/// <param name="Fraction90">90th percentile of the low fraction.</param>
/// <param name="RunMedian">Median of the longest run.</param>
/// <param name="Run90">90th percentile of the longest run.</param>
public sealed record UncertaintyCuts(double FractionMedian, double Fraction90, double RunMedian, double Run90)
{
    /// <summary>The cut-offs of a set of windows (linear interpolation between order statistics).</summary>
    /// <exception cref="ArgumentException">No window.</exception>
    public static UncertaintyCuts Of(IEnumerable<LowConfidence> windows)
    {
        LowConfidence[] all = [.. windows];
        double[] fractions = [.. all.Select(w => w.Fraction).Order()], runs = [.. all.Select(w => (double)w.LongestRun).Order()];
        return new(Quantile.OfSorted(fractions, 0.5), Quantile.OfSorted(fractions, 0.9), Quantile.OfSorted(runs, 0.5), Quantile.OfSorted(runs, 0.9));
    }

    /// <summary>B when fraction and run are both strictly above their 90th percentile; else A when fraction &gt; 0 and run strictly below the median.</summary>
    /// <param name="low">The window.</param>
    /// <param name="fractionBelowMedian">A needs a fraction strictly below its median as well.</param>
    public UncertaintyGroup Classify(LowConfidence low, bool fractionBelowMedian = false) =>
        low.Fraction > Fraction90 && low.LongestRun > Run90 ? UncertaintyGroup.B
        : low.LowCount > 0 && low.LongestRun < RunMedian && (!fractionBelowMedian || low.Fraction < FractionMedian) ? UncertaintyGroup.A
        : UncertaintyGroup.None;
}
