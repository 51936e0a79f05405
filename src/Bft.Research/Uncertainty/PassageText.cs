using System.Text;
using System.Text.RegularExpressions;

namespace Bft.Research.Uncertainty;

/// <summary>A passage's text by code point: where words open, which tokens lie on an entity or a causal word.</summary>
internal sealed partial class PassageText(Passage passage)
{
    private readonly Rune[] _runes = [.. passage.Text.EnumerateRunes()];

    /// <summary>Number of code points.</summary>
    public int Length => _runes.Length;

    /// <summary>A token opens a word when it is the first, begins with white space, or follows white space.</summary>
    public bool OpensWord(int token, TextSpan span) =>
        token == 0 || White(span.Start) || White(span.Start - 1);

    /// <summary>The token's range without the white space at both ends; may be empty.</summary>
    public TextSpan Trimmed(TextSpan span)
    {
        var (start, end) = (span.Start, span.End);
        while (start < end && White(start))
            start++;
        while (end > start && White(end - 1))
            end--;
        return new(start, end);
    }

    /// <summary>Entities by start, each with whether its lower-cased text has not occurred before among the passage's entities.</summary>
    public IReadOnlyList<(TextSpan Span, bool First)> Mentions()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. (passage.Entities ?? []).OrderBy(span => span.Start).Select(span => (span, seen.Add(Lowered(span))))];
    }

    /// <summary>Causal connectives and verbs, as whole words in any case.</summary>
    public IReadOnlyList<TextSpan> CausalWords()
    {
        var toCodePoint = new int[passage.Text.Length + 1];
        var at = 0;
        for (var r = 0; r < _runes.Length; r++)
            for (var k = 0; k < _runes[r].Utf16SequenceLength; k++)
                toCodePoint[at++] = r;
        toCodePoint[at] = _runes.Length;
        return [.. Causal().Matches(passage.Text).Select(match => new TextSpan(toCodePoint[match.Index], toCodePoint[match.Index + match.Length]))];
    }

    private string Lowered(TextSpan span)
    {
        var text = new StringBuilder();
        foreach (var rune in _runes.Take(span.End).Skip(span.Start)) // a passage may be cut inside an entity
            text.Append(rune.ToString());
        return text.ToString().ToLowerInvariant();
    }

    private bool White(int at) => at >= 0 && at < _runes.Length && Rune.IsWhiteSpace(_runes[at]);

    [GeneratedRegex(
        @"\b(?:because|therefore|thus|hence|consequently|due to|owing to|leads? to|led to|leading to|results? in|resulted in|resulting in|causes?|caused"
        + @"|inhibit(?:s|ed)?|activate[sd]?|induce[sd]?|via|mediate[sd]?|promote[sd]?|suppress(?:es|ed)|regulate[sd]?)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Causal();
}
