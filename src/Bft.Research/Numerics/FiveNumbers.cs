namespace Bft.Research.Numerics;

/// <summary>How values are spread: smallest, quartiles (<see cref="Quantile"/>), largest.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="LowerQuartile">A quarter of the values lies below.</param>
/// <param name="Median">Half of the values lies below.</param>
/// <param name="UpperQuartile">Three quarters of the values lie below.</param>
/// <param name="Max">Largest value.</param>
public sealed record FiveNumbers(double Min, double LowerQuartile, double Median, double UpperQuartile, double Max)
{
    /// <summary>The spread of values in any order, which are copied; null when there are none.</summary>
    public static FiveNumbers? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        double At(double q) => Quantile.OfSorted(sorted, q);
        return sorted.Length == 0 ? null : new(sorted[0], At(0.25), At(0.5), At(0.75), sorted[^1]);
    }
}
