using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>A code point with the range of code points of the original text that it came from.</summary>
internal readonly record struct AlignedRune(int Value, int Start, int End);

/// <summary>Text as a tokenizer stage sees it, aligned with the text that the user gave: every UTF-16 unit knows the code points it came from.</summary>
/// <remarks>Text that no normaliser touched and that holds no character beyond U+FFFF needs no arrays: unit i is code point <c>first + i</c>.</remarks>
internal sealed class AlignedText
{
    private readonly int[]? _starts;
    private readonly int[]? _ends;
    private readonly int _first;

    private AlignedText(string text, int first, int[]? starts, int[]? ends)
    {
        Text = text;
        _first = first;
        _starts = starts;
        _ends = ends;
    }

    /// <summary>The text, in UTF-16.</summary>
    public string Text { get; }

    /// <summary>Text as given, every character aligned with itself.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public static AlignedText Original(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return new(text, 0, null, null);
        int[] starts = new int[text.Length], ends = new int[text.Length];
        for (int unit = 0, point = 0; unit < text.Length; point++)
        {
            var pair = unit + 1 < text.Length && char.IsSurrogatePair(text, unit);
            if (!pair && char.IsSurrogate(text[unit]))
                throw new ArgumentException($"Expected well-formed text, found half a surrogate pair (U+{(int)text[unit]:X4}) at index {unit}.", nameof(text));
            var width = pair ? 2 : 1;
            starts.AsSpan(unit, width).Fill(point);
            ends.AsSpan(unit, width).Fill(point + 1);
            unit += width;
        }

        return new(text, 0, starts, ends);
    }

    /// <summary>Text made of aligned code points.</summary>
    public static AlignedText Of(IReadOnlyList<AlignedRune> runes)
    {
        var text = new StringBuilder(runes.Count);
        List<int> starts = new(runes.Count), ends = new(runes.Count);
        foreach (var rune in runes)
        {
            var before = text.Length;
            if (rune.Value <= 0xFFFF)
                text.Append((char)rune.Value);
            else
                text.Append(char.ConvertFromUtf32(rune.Value));
            for (; before < text.Length; before++)
            {
                starts.Add(rune.Start);
                ends.Add(rune.End);
            }
        }

        return new(text.ToString(), 0, [.. starts], [.. ends]);
    }

    /// <summary>First original code point of the character that owns a unit.</summary>
    public int StartOf(int unit) => _starts is null ? _first + unit : _starts[_first + unit];

    /// <summary>One past the last original code point of the character that owns a unit.</summary>
    public int EndOf(int unit) => _ends is null ? _first + unit + 1 : _ends[_first + unit];

    /// <summary>A part of the text.</summary>
    public AlignedText Slice(int start, int length) =>
        start == 0 && length == Text.Length ? this : new(Text.Substring(start, length), _first + start, _starts, _ends);

    /// <summary>The code points with their alignment.</summary>
    public List<AlignedRune> Runes()
    {
        var runes = new List<AlignedRune>(Text.Length);
        for (var unit = 0; unit < Text.Length; unit++)
        {
            var pair = unit + 1 < Text.Length && char.IsSurrogatePair(Text, unit);
            runes.Add(new(pair ? char.ConvertToUtf32(Text[unit], Text[unit + 1]) : Text[unit], StartOf(unit), EndOf(unit)));
            if (pair)
                unit++;
        }

        return runes;
    }
}
