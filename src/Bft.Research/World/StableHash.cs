using System.Text;

namespace Bft.Research.World;

/// <summary>Hashes that never change between runs, unlike <see cref="object.GetHashCode"/>: FNV-1a over UTF-8, finished by the SplitMix64 mixer.</summary>
public static class StableHash
{
    /// <summary>64-bit hash of a text.</summary>
    /// <param name="text">Any text.</param>
    public static ulong Of(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001B3UL;
        return Mix(hash);
    }

    /// <summary>The SplitMix64 finaliser: a bijection of 64-bit numbers in which every input bit moves about half of the output bits.</summary>
    /// <param name="value">Any value.</param>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
