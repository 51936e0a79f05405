using System.Text;

namespace Bft.Research.Tokenization.Normalizing;

/// <summary>The normaliser of BERT: cleans control characters, sets CJK ideographs apart, strips accents, lowers case.</summary>
internal sealed class BertNormalizer(bool cleanText, bool separateIdeographs, bool stripAccents, bool lowerCase) : ITextNormalizer
{
    private static readonly (int First, int Last)[] Ideographs =
    [
        (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
    ];

    private static readonly UnicodeForm Decomposed = new(compatible: false, compose: false);
    private static readonly StripAccents Accents = new();
    private static readonly LowerCase Case = new();

    public AlignedText Normalize(AlignedText text)
    {
        if (cleanText || separateIdeographs)
            text = AlignedText.Of(CleanAndSeparate(text.Runes()));
        if (stripAccents)
            text = Accents.Normalize(Decomposed.Normalize(text));
        return lowerCase ? Case.Normalize(text) : text;
    }

    private List<AlignedRune> CleanAndSeparate(List<AlignedRune> runes)
    {
        var kept = new List<AlignedRune>(runes.Count);
        foreach (var rune in runes)
        {
            if (cleanText && IsRemoved(rune.Value))
                continue;
            var cleaned = cleanText && IsSpace(rune.Value) ? rune with { Value = ' ' } : rune;
            var apart = separateIdeographs && IsIdeograph(rune.Value);
            if (apart)
                kept.Add(rune with { Value = ' ' });
            kept.Add(cleaned);
            if (apart)
                kept.Add(rune with { Value = ' ' });
        }

        return kept;
    }

    private static bool IsRemoved(int rune) => rune is 0 or 0xFFFD || (rune is not ('\t' or '\n' or '\r') && Unicode8.IsControl(rune));

    private static bool IsSpace(int rune) => Rune.IsValid(rune) && Rune.IsWhiteSpace(new Rune(rune));

    private static bool IsIdeograph(int rune)
    {
        foreach (var (first, last) in Ideographs)
            if (rune >= first && rune <= last)
                return true;
        return false;
    }
}
