using System.Text;
using System.Text.RegularExpressions;
using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Normalizing;

/// <summary>Lower case, character by character, as the Hugging Face library does it: no context (final sigma stays σ), İ becomes i and a dot.</summary>
internal sealed class LowerCase : ITextNormalizer
{
    private const int CapitalIWithDot = 0x130, DotAbove = 0x307;

    public AlignedText Normalize(AlignedText text)
    {
        var runes = text.Runes();
        var lower = new List<AlignedRune>(runes.Count);
        foreach (var rune in runes)
        {
            lower.Add(rune with { Value = rune.Value == CapitalIWithDot ? 'i' : Lower(rune.Value) });
            if (rune.Value == CapitalIWithDot)
                lower.Add(rune with { Value = DotAbove });
        }

        return AlignedText.Of(lower);
    }

    private static int Lower(int rune) => Rune.IsValid(rune) ? Rune.ToLowerInvariant(new Rune(rune)).Value : rune;
}

/// <summary>Removes non-spacing marks.</summary>
internal sealed class StripAccents : ITextNormalizer
{
    public AlignedText Normalize(AlignedText text) =>
        AlignedText.Of(text.Runes().FindAll(rune => !Unicode8.IsNonSpacingMark(rune.Value)));
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripSpace(bool left, bool right) : ITextNormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var kept = text.Text.AsSpan();
        var start = left ? kept.Length - kept.TrimStart().Length : 0;
        var end = right ? Math.Max(start, kept.TrimEnd().Length) : kept.Length;
        return text.Slice(start, end - start);
    }
}

/// <summary>Puts a string before text that is not empty; it is aligned with the first character.</summary>
internal sealed class Prepend(string prefix) : ITextNormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        if (text.Text.Length == 0)
            return text;
        var runes = text.Runes();
        var first = runes[0];
        return AlignedText.Of([.. prefix.EnumerateRunes().Select(rune => first with { Value = rune.Value }), .. runes]);
    }
}

/// <summary>Replaces what a pattern matches by fixed text.</summary>
/// <remarks>The replacement is aligned with the last character it replaces, as the Hugging Face library does: "a   b" squeezed to "a b" has its space at [3, 4].</remarks>
internal sealed class Replace(Regex pattern, string content) : ITextNormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var projection = CategoryProjection.Of(text.Text);
        var runes = text.Runes();
        var replaced = new List<AlignedRune>(runes.Count);
        var at = 0;
        foreach (var match in pattern.EnumerateMatches(projection.Text))
        {
            replaced.AddRange(runes[at..match.Index]);
            at = match.Index + match.Length;
            var place = runes[Math.Max(at - 1, 0)];
            replaced.AddRange(content.EnumerateRunes().Select(rune => place with { Value = rune.Value }));
        }

        if (at == 0)
            return text;
        replaced.AddRange(runes[at..]);
        return AlignedText.Of(replaced);
    }
}
