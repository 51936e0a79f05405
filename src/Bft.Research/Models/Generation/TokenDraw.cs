namespace Bft.Research.Models.Generation;

/// <summary>Uniform numbers for the draws of a row: SplitMix64 (Steele, Lea and Flood 2014) of seed, row and step, so that rows do not depend on each other.</summary>
internal static class TokenDraw
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong seed, int row, int step) =>
        (Mix(Mix(seed + Golden * ((ulong)row + 1)) + Golden * ((ulong)step + 1)) >> 11) * (1.0 / (1UL << 53));

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

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
