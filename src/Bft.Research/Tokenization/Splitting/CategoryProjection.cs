using System.Globalization;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>Text with one UTF-16 unit per code point, for the regular expression engine, which sees units and takes a character beyond U+FFFF for two surrogates.</summary>
/// <remarks>A character beyond U+FFFF is represented by one of the same general category that no tokenizer pattern names, so patterns of categories match alike.</remarks>
internal readonly ref struct CategoryProjection
{
    private readonly int[]? _units;

    private CategoryProjection(ReadOnlySpan<char> text, int[]? units)
    {
        Text = text;
        _units = units;
    }

    /// <summary>One unit per code point.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Index in the projected-from text of a code point; also of the end.</summary>
    public int UnitOf(int point) => _units is null ? point : _units[point];

    public static CategoryProjection Of(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return new(text, null);
        var projected = new char[text.Length];
        var units = new int[text.Length + 1];
        var points = 0;
        for (var unit = 0; unit < text.Length; points++)
        {
            units[points] = unit;
            var pair = unit + 1 < text.Length && char.IsSurrogatePair(text[unit], text[unit + 1]);
            projected[points] = pair ? Representative(char.ConvertToUtf32(text[unit], text[unit + 1])) : text[unit];
            unit += pair ? 2 : 1;
        }

        units[points] = text.Length;
        return new(projected.AsSpan(0, points), units);
    }

    private static char Representative(int rune) => CharUnicodeInfo.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\u0100',
        UnicodeCategory.LowercaseLetter => '\u0101',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u01BB',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u2070',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.OtherPunctuation => '\u2020',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\u02C2',
        UnicodeCategory.OtherSymbol => '\u2100',
        UnicodeCategory.Format => '\u2060',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
