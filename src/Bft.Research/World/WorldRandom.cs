using Bft.Research.Numerics;

namespace Bft.Research.World;

/// <summary>The generator's random numbers: a sequence of <see cref="SplitMix64"/>, the same sequence on every machine and runtime.</summary>
/// <remarks>Not for cryptography and not thread-safe; every text gets its own instance from <see cref="For"/>, so that texts do not depend on the order in which they are asked for.</remarks>
public sealed class WorldRandom
{
    private readonly ulong _seed;
    private ulong _drawn;

    /// <summary>Starts a sequence.</summary>
    /// <param name="seed">Any value; equal seeds give equal sequences.</param>
    public WorldRandom(ulong seed) => _seed = seed;

    /// <summary>An independent sequence for one text.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="stream">Name of the stream, such as <c>general/train</c>.</param>
    /// <param name="index">Number of the text in the stream.</param>
    public static WorldRandom For(ulong seed, string stream, long index) =>
        new(SplitMix64.Mix(StableHash.Of(stream) ^ SplitMix64.Mix(seed) ^ SplitMix64.Mix((ulong)index + 0x51ED2701UL)));

    /// <summary>The next 64 random bits.</summary>
    public ulong Next() => SplitMix64.At(_seed, _drawn++);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => SplitMix64.Unit(Next());

    /// <summary>A whole number in 0 .. <paramref name="count"/> − 1 by multiplication and shift; the bias is below count/2⁶⁴.</summary>
    /// <param name="count">How many values there are, at least 1.</param>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)Math.BigMul(Next(), (ulong)count, out _);
    }

    /// <summary>True with the given probability.</summary>
    /// <param name="probability">0 to 1.</param>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>One element, all equally likely.</summary>
    /// <param name="items">At least one element.</param>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Up to <paramref name="count"/> different elements in random order.</summary>
    /// <param name="items">What to draw from.</param>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<T> Sample<T>(IReadOnlyList<T> items, int count)
    {
        T[] copy = [.. items];
        var taken = Math.Min(count, copy.Length);
        for (var i = 0; i < taken; i++)
        {
            var j = i + Below(copy.Length - i);
            (copy[i], copy[j]) = (copy[j], copy[i]);
        }

        return copy[..taken];
    }
}
