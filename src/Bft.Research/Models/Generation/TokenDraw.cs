using Bft.Research.Numerics;

namespace Bft.Research.Models.Generation;

/// <summary>Uniform numbers for the draws of a row: <see cref="SplitMix64"/> of seed, row and step, so that rows do not depend on each other.</summary>
internal static class TokenDraw
{
    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong seed, int row, int step) =>
        SplitMix64.Unit(SplitMix64.At(SplitMix64.At(seed, (ulong)row), (ulong)step));

    /// <summary>The id at which the cumulated probabilities pass <paramref name="uniform"/>.</summary>
    public static int Pick(ReadOnlySpan<double> probabilities, double uniform)
    {
        var last = 0;
        var cumulated = 0.0;
        for (var id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] <= 0)
                continue;
            cumulated += probabilities[id];
            last = id;
            if (uniform < cumulated)
                break;
        }

        return last; // the last possible id when rounding keeps the sum below the number
    }
}
