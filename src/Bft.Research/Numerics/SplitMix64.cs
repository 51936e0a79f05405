namespace Bft.Research.Numerics;

/// <summary>The SplitMix64 generator as a function of seed and position, so that any draw can be made on its own.</summary>
/// <remarks>Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014). Arithmetic is modulo 2^64.</remarks>
public static class SplitMix64
{
    /// <summary>Output number <paramref name="number"/> (from 0) of the generator that starts at <paramref name="seed"/>.</summary>
    public static ulong At(ulong seed, ulong number) => Mix(unchecked(seed + (number + 1) * 0x9E3779B97F4A7C15));

    /// <summary>The finaliser: a bijection of 64-bit numbers in which every input bit moves about half of the output bits.</summary>
    public static ulong Mix(ulong value)
    {
        value = unchecked((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9);
        value = unchecked((value ^ (value >> 27)) * 0x94D049BB133111EB);
        return value ^ (value >> 31);
    }

    /// <summary>A number in [0, 1) from the upper 53 bits of an output.</summary>
    public static double Unit(ulong output) => (output >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, <paramref name="count"/>) from the upper 32 bits of an output.</summary>
    public static int Index(ulong seed, ulong number, int count) => (int)(((At(seed, number) >> 32) * (ulong)count) >> 32);
}
