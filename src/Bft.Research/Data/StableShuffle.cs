namespace Bft.Research.Data;

/// <summary>A shuffle that gives the same order for the same seed on every machine and runtime (SplitMix64, Steele et al. 2014; Fisher–Yates).</summary>
public static class StableShuffle
{
    /// <summary>A random order of 0 .. count − 1.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">Epoch; every one has an order of its own.</param>
    public static int[] Order(int count, long seed, int round = 0)
    {
        var order = Enumerable.Range(0, count).ToArray();
        var state = Mix((ulong)seed) + (ulong)round * 0xD1B54A32D192ED03UL;
        for (var last = count - 1; last > 0; last--)
        {
            var pick = Below((ulong)last + 1, ref state);
            (order[last], order[pick]) = (order[pick], order[last]);
        }

        return order;
    }

    private static int Below(ulong bound, ref ulong state)
    {
        var fair = ulong.MaxValue - ulong.MaxValue % bound;
        ulong drawn;
        do
        {
            state += 0x9E3779B97F4A7C15UL;
            drawn = Mix(state);
        }
        while (drawn >= fair);
        return (int)(drawn % bound);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
