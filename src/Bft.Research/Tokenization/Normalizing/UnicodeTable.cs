using System.Globalization;

namespace Bft.Research.Tokenization.Normalizing;

/// <summary>Combining classes, decompositions and compositions of Unicode 9.0, read from the embedded table.</summary>
/// <remarks>
/// The runtime's own <c>string.Normalize</c> is not used: it returns its input under invariant globalisation, its tables depend on the machine, and it does
/// not say which input character an output character came from. Version 9.0 is what the Hugging Face library normalises with: later characters stay as they are.
/// </remarks>
internal static class UnicodeTable
{
    private const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailBase = 0x11A7, Vowels = 21, Trails = 28, HangulCount = 11172;

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, int[]> Canonical = [];
    private static readonly Dictionary<int, int[]> Compatible = [];
    private static readonly Dictionary<(int, int), int> Composites = [];
    private static readonly HashSet<int> Unstable = [];

    static UnicodeTable()
    {
        using var stream = typeof(UnicodeTable).Assembly.GetManifestResourceStream("unicode-decompositions.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line[0] != '#')
                Add(line.Split(';'));
        foreach (var second in Composites.Keys.Select(pair => pair.Item2))
            Unstable.Add(second);
    }

    /// <summary>Canonical combining class; 0 for a starter.</summary>
    public static int Class(int rune) => rune < 0x300 ? 0 : Classes.GetValueOrDefault(rune);

    /// <summary>True when canonical composition leaves a text of such code points as it is.</summary>
    public static bool IsStable(int rune) =>
        rune < 0x300 || !(Unstable.Contains(rune) || (rune >= LeadFirst && rune < 0x1200));

    /// <summary>One-step decomposition, or null; Hangul syllables give their jamo.</summary>
    public static int[]? Decompose(int rune, bool compatible)
    {
        var syllable = rune - HangulFirst;
        if (syllable is >= 0 and < HangulCount)
        {
            int[] jamo = [LeadFirst + syllable / (Vowels * Trails), VowelFirst + syllable / Trails % Vowels, TrailBase + syllable % Trails];
            return syllable % Trails == 0 ? jamo[..2] : jamo;
        }

        return Canonical.TryGetValue(rune, out var parts) || (compatible && Compatible.TryGetValue(rune, out parts)) ? parts : null;
    }

    /// <summary>The primary composite of two code points, or null.</summary>
    public static int? Compose(int first, int second)
    {
        if (first - LeadFirst is >= 0 and < 19 && second - VowelFirst is >= 0 and < Vowels)
            return HangulFirst + ((first - LeadFirst) * Vowels + second - VowelFirst) * Trails;
        var syllable = first - HangulFirst;
        if (syllable is >= 0 and < HangulCount && syllable % Trails == 0 && second - TrailBase is > 0 and < Trails)
            return first + second - TrailBase;
        return Composites.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private static void Add(string[] fields)
    {
        var rune = Hex(fields[0]);
        if (fields[1] != "0")
        {
            Classes[rune] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            Unstable.Add(rune);
        }

        if (fields[2].Length == 0)
            return;
        int[] parts = [.. fields[3].Split(' ').Select(Hex)];
        (fields[2] == "K" ? Compatible : Canonical)[rune] = parts;
        if (fields[2] == "C")
            Composites[(parts[0], parts[1])] = rune;
        if (fields[2] == "X")
            Unstable.Add(rune);
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
