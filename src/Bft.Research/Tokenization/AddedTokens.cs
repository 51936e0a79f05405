using System.Buffers;
using System.Globalization;
using System.Text;
using Bft.Research.Tokenization.Normalizing;

namespace Bft.Research.Tokenization;

/// <summary>A token found in the text before the vocabulary sees it.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
public sealed record AddedToken(string Content, int Id)
{
    /// <summary>Whether decoding can leave it out.</summary>
    public bool Special { get; init; }

    /// <summary>Whether it is searched in the normalised text, in its own normalised form, instead of in the text as given.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it only counts when no letter, digit or underscore touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it swallows white space to its left.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether it swallows white space to its right.</summary>
    public bool StripRight { get; init; }
}

/// <summary>Finds added tokens: the leftmost first, and of those that start together the longest.</summary>
internal sealed class AddedTokenSearch
{
    private readonly Dictionary<char, List<(string Text, AddedToken Token)>> _byFirst = [];
    private readonly SearchValues<string>? _starts;

    /// <param name="tokens">The tokens to look for.</param>
    /// <param name="normalizer">Brings the tokens themselves into the form of the searched text; null to search them as they are.</param>
    public AddedTokenSearch(IEnumerable<AddedToken> tokens, ITextNormalizer? normalizer)
    {
        var texts = new List<string>();
        foreach (var token in tokens)
        {
            var text = normalizer?.Normalize(AlignedText.Original(token.Content)).Text ?? token.Content;
            if (text.Length == 0)
                continue;
            texts.Add(text);
            if (!_byFirst.TryGetValue(text[0], out var group))
                _byFirst[text[0]] = group = [];
            group.Add((text, token));
        }

        foreach (var group in _byFirst.Values)
            group.Sort((a, b) => b.Text.Length.CompareTo(a.Text.Length));
        if (texts.Count > 0)
            _starts = SearchValues.Create([.. texts], StringComparison.Ordinal);
    }

    /// <summary>The parts of a text in order: stretches without a token (null) and tokens, in UTF-16 units. A text without tokens is one part.</summary>
    public List<(int Start, int End, AddedToken? Token)> Split(string text)
    {
        var parts = new List<(int, int, AddedToken?)>();
        var done = 0;
        for (var from = 0; _starts is not null && from < text.Length;)
        {
            var at = text.AsSpan(from).IndexOfAny(_starts);
            if (at < 0)
                break;
            at += from;
            var (found, token) = _byFirst[text[at]].First(candidate => text.AsSpan(at).StartsWith(candidate.Text, StringComparison.Ordinal));
            from = at + found.Length;
            if (token.SingleWord && (TouchesWord(text, at, before: true) || TouchesWord(text, from, before: false)))
                continue;
            var (start, end) = Widen(text, token, at, from, done);
            if (start > done)
                parts.Add((done, start, null));
            parts.Add((start, end, token));
            done = end;
        }

        if (done < text.Length)
            parts.Add((done, text.Length, null));
        return parts;
    }

    private static (int Start, int End) Widen(string text, AddedToken token, int start, int end, int done)
    {
        if (token.StripLeft)
            start = Math.Max(text.AsSpan(0, start).TrimEnd().Length, done);
        if (token.StripRight)
            end = text.Length - text.AsSpan(end).TrimStart().Length;
        return (start, end);
    }

    private static bool TouchesWord(string text, int at, bool before)
    {
        Rune rune;
        if (before ? at == 0 : at == text.Length)
            return false;
        _ = before ? Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out rune, out _) : Rune.DecodeFromUtf16(text.AsSpan(at), out rune, out _);
        return IsWord(rune);
    }

    /// <summary>A word character as Unicode Technical Standard 18 has it: alphabetic, mark, decimal digit, connector, joiner.</summary>
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
