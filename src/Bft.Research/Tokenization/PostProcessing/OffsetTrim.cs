using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization.PostProcessing;

/// <summary>Cuts the white space of byte-level tokens off their offsets.</summary>
/// <param name="prefixSpaceAdded">
/// Whether one leading space of a token that starts at 0 may be a space that was added; it is then left alone, also when the text itself began with it.
/// </param>
internal sealed class OffsetTrim(bool prefixSpaceAdded) : IPostProcessor
{
    private static readonly char Space = ByteAlphabet.Of((byte)' ');

    public int AddedTokens(bool pair) => 0;

    public IReadOnlyList<TokenEncoding> Process(IReadOnlyList<TokenEncoding> parts, bool addSpecialTokens) => [.. parts.Select(Trim)];

    private TokenEncoding Trim(TokenEncoding encoding)
    {
        var offsets = new TokenOffset[encoding.Length];
        for (var i = 0; i < offsets.Length; i++)
            offsets[i] = Trim(encoding.Tokens[i], encoding.Offsets[i], isFirst: i == 0);
        return encoding with { Offsets = offsets, Overflowing = [.. encoding.Overflowing.Select(Trim)] };
    }

    private TokenOffset Trim(string token, TokenOffset offset, bool isFirst)
    {
        int leading = 0, trailing = 0;
        while (leading < token.Length && IsSpace(token[leading]))
            leading++;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)]))
            trailing++;
        var (start, end) = offset;
        if (leading == 1 && prefixSpaceAdded && (isFirst || start == 0))
            leading = 0;
        start = Math.Min(start + leading, end);
        if (trailing > 0 && end >= trailing)
            end = Math.Max(end - trailing, start);
        return new(start, end);
    }

    private static bool IsSpace(char character) => character == Space || char.IsWhiteSpace(character);
}
