using Bft.Research.Numerics;

namespace Bft.Research.Data;

/// <summary>A shuffle that gives the same order for the same seed on every machine and runtime (<see cref="SplitMix64"/>; Fisher–Yates).</summary>
public static class StableShuffle
{
    /// <summary>A random order of 0 .. count − 1.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">Epoch; every one has an order of its own.</param>
    public static int[] Order(int count, long seed, int round = 0)
    {
        var order = Enumerable.Range(0, count).ToArray();
        var start = SplitMix64.Mix((ulong)seed) + (ulong)round * 0xD1B54A32D192ED03UL;
        var drawn = 0UL;
        for (var last = count - 1; last > 0; last--)
        {
            var pick = Below((ulong)last + 1, start, ref drawn);
            (order[last], order[pick]) = (order[pick], order[last]);
        }

        return order;
    }

    private static int Below(ulong bound, ulong start, ref ulong drawn)
    {
        var fair = ulong.MaxValue - ulong.MaxValue % bound;
        ulong value;
        do
            value = SplitMix64.At(start, drawn++);
        while (value >= fair);
        return (int)(value % bound);
    }
}
