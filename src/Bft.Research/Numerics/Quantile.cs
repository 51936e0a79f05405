namespace Bft.Research.Numerics;

/// <summary>Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, the default of NumPy and R).</summary>
public static class Quantile
{
    /// <summary>The quantile of values in any order; they are copied and sorted.</summary>
    /// <exception cref="ArgumentException">No value, or <paramref name="q"/> outside [0, 1].</exception>
    public static double Of(IEnumerable<double> values, double q)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        return OfSorted(sorted, q);
    }

    /// <summary>The quantile of ascending values: with position h = (n − 1) · q, the value at ⌊h⌋ plus the fraction of the way to the next.</summary>
    /// <exception cref="ArgumentException">No value, or <paramref name="q"/> outside [0, 1].</exception>
    public static double OfSorted(ReadOnlySpan<double> sorted, double q)
    {
        if (sorted.IsEmpty)
            throw new ArgumentException("sorted: a quantile needs at least one value.", nameof(sorted));
        if (!(q >= 0 && q <= 1))
            throw new ArgumentException($"q: expected a number in [0, 1], actual {q}.", nameof(q));
        var position = (sorted.Length - 1) * q;
        var below = (int)position;
        var fraction = position - below;
        return fraction == 0 ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * fraction;
    }
}
