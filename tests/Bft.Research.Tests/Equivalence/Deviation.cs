namespace Bft.Research.Tests.Equivalence;

/// <summary>How far numbers are from true ones.</summary>
/// <param name="Largest">Largest difference of a value, relative to the largest true value of its group (the losses, or one tensor's gradient).</param>
/// <param name="Mean">
/// Mean residual: differences signed by the true value, over the sizes of true values. Independent roundings cancel in it; a factor of 1 + x on everything gives x, however small
/// beside the rounding of single values. The plain mean would be blind to a factor, for gradients are of both signs.
/// </param>
internal sealed record Deviation(double Largest, double Mean)
{
    /// <summary>Part of the largest true value of all groups below which a group counts as that large: a gradient that is all but zero has no scale of its own.</summary>
    private const double LeastScale = 1e-3;

    /// <summary>Compares groups of equal length; what is not a number is infinitely far.</summary>
    public static Deviation Of(IReadOnlyList<(double[] True, double[] Found)> groups)
    {
        var least = LeastScale * groups.Max(group => group.True.Max(Math.Abs));
        double largest = 0, residual = 0, size = 0;
        foreach (var (truth, found) in groups)
        {
            Assert.Equal(truth.Length, found.Length);
            var scale = Math.Max(least, truth.Max(Math.Abs));
            for (var i = 0; i < truth.Length; i++)
            {
                var difference = found[i] - truth[i];
                largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : Math.Abs(difference) / scale);
                residual += difference * Math.Sign(truth[i]);
                size += Math.Abs(truth[i]);
            }
        }

        return new(largest, residual / size);
    }

    /// <summary>The larger of each number, by size.</summary>
    public Deviation Or(Deviation other) =>
        new(Math.Max(Largest, other.Largest), Math.Abs(other.Mean) > Math.Abs(Mean) ? other.Mean : Mean);

    /// <summary>Whether both numbers keep to those of a bound.</summary>
    public bool Within(Deviation bound) => Largest <= bound.Largest && Math.Abs(Mean) <= bound.Mean;
}
