using System.Text;
using Bft.Research.Numerics;

namespace Bft.Research.World;

/// <summary>Hashes that never change between runs, unlike <see cref="object.GetHashCode"/>: FNV-1a over UTF-8, finished by <see cref="SplitMix64.Mix"/>.</summary>
public static class StableHash
{
    /// <summary>64-bit hash of a text.</summary>
    /// <param name="text">Any text.</param>
    public static ulong Of(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001B3UL;
        return SplitMix64.Mix(hash);
    }
}
