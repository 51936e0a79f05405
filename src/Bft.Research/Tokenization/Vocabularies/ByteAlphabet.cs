using System.Buffers;

namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>The byte-level alphabet of GPT-2: one printable character for each byte. Printable Latin-1 bytes stand for themselves, the others follow from U+0100.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Make();
    private static readonly Dictionary<char, byte> Bytes = Characters.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>All 256 characters in the order of the published vocabularies: printable bytes first, then the others.</summary>
    public static IReadOnlyList<char> Ordered { get; } = [.. Characters.Order()];

    /// <summary>The bytes a token stands for; a token with a character outside the alphabet stands for its own UTF-8.</summary>
    public static void Append(string token, ArrayBufferWriter<byte> into)
    {
        var written = into.GetSpan(System.Text.Encoding.UTF8.GetMaxByteCount(token.Length));
        for (var i = 0; i < token.Length; i++)
            if (!Bytes.TryGetValue(token[i], out written[i]))
            {
                into.Advance(System.Text.Encoding.UTF8.GetBytes(token, written));
                return;
            }

        into.Advance(token.Length);
    }

    private static char[] Make()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        return characters;
    }
}
