using System.Globalization;
using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>Python's view of text: lengths and places count code points, white space and line ends are those of Unicode as Python has them.</summary>
internal static class PyText
{
    public static int Length(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i]))
                pairs++;
        return text.Length - pairs;
    }

    /// <summary>The characters, each as a string.</summary>
    public static string[] Characters(string text) => [.. text.EnumerateRunes().Select(rune => rune.ToString())];

    /// <summary>Index in UTF-16 units of a code point, which may be one past the last.</summary>
    public static int Utf16Index(string text, int codePoint)
    {
        var at = 0;
        for (var i = 0; i < codePoint; i++)
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at;
    }

    /// <summary>Order by code points.</summary>
    public static int Compare(string left, string right)
    {
        using var a = left.EnumerateRunes().GetEnumerator();
        using var b = right.EnumerateRunes().GetEnumerator();
        while (true)
        {
            bool more = a.MoveNext(), other = b.MoveNext();
            if (!more || !other)
                return more.CompareTo(other);
            if (a.Current != b.Current)
                return a.Current.CompareTo(b.Current);
        }
    }

    public static bool IsSpace(char c) => c is >= '\t' and <= '\r' or >= '\x1c' and <= ' ' or '\x85' or '\xa0' or '\u1680' or >= '\u2000' and <= '\u200a'
        or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';

    public static string TrimStart(string text, string? characters = null)
    {
        var start = 0;
        if (characters is null)
        {
            while (start < text.Length && IsSpace(text[start]))
                start++;
            return text[start..];
        }

        var set = characters.EnumerateRunes().ToHashSet();
        while (start < text.Length && Rune.TryGetRuneAt(text, start, out var rune) && set.Contains(rune))
            start += rune.Utf16SequenceLength;
        return text[start..];
    }

    public static string TrimEnd(string text, string? characters = null)
    {
        var end = text.Length;
        if (characters is null)
        {
            while (end > 0 && IsSpace(text[end - 1]))
                end--;
            return text[..end];
        }

        var set = characters.EnumerateRunes().ToHashSet();
        while (end > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out var units) == System.Buffers.OperationStatus.Done && set.Contains(rune))
            end -= units;
        return text[..end];
    }

    public static string Trim(string text, string? characters = null) => TrimEnd(TrimStart(text, characters), characters);

    /// <summary>The lines of a text, without their ends unless <paramref name="keepEnds"/>.</summary>
    public static List<string> Lines(string text, bool keepEnds = false)
    {
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not (>= '\n' and <= '\r' or >= '\x1c' and <= '\x1e' or '\x85' or '\u2028' or '\u2029'))
                continue;
            var end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            lines.Add(text[start..(keepEnds ? end : i)]);
            start = end;
            i = end - 1;
        }

        if (start < text.Length)
            lines.Add(text[start..]);
        return lines;
    }

    /// <summary><c>split()</c> at white space, at most <paramref name="most"/> times; negative for no limit.</summary>
    public static List<string> Words(string text, int most = -1)
    {
        var words = new List<string>();
        var rest = TrimStart(text);
        while (rest.Length > 0)
        {
            var end = 0;
            while (end < rest.Length && !IsSpace(rest[end]))
                end++;
            if (words.Count == most)
            {
                words.Add(rest);
                return words;
            }

            words.Add(rest[..end]);
            rest = TrimStart(rest[end..]);
        }

        return words;
    }

    /// <summary><c>rsplit()</c> at white space.</summary>
    public static List<string> WordsFromEnd(string text, int most)
    {
        var words = new List<string>();
        var rest = TrimEnd(text);
        while (rest.Length > 0)
        {
            var start = rest.Length;
            while (start > 0 && !IsSpace(rest[start - 1]))
                start--;
            if (words.Count == most)
            {
                words.Insert(0, rest);
                return words;
            }

            words.Insert(0, rest[start..]);
            rest = TrimEnd(rest[..start]);
        }

        return words;
    }

    /// <summary>Places of a part, found from the left without overlap, in UTF-16 units; an empty part is found between all characters.</summary>
    public static IEnumerable<int> Places(string text, string part)
    {
        if (part.Length == 0)
        {
            for (var i = 0; i <= text.Length; i++)
                if (i == 0 || i == text.Length || !char.IsSurrogatePair(text[i - 1], text[i]))
                    yield return i;
            yield break;
        }

        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            yield return at;
    }

    /// <summary>Replaces the first <paramref name="count"/> places; all when negative.</summary>
    public static string Replace(string text, string old, string replacement, int count = -1)
    {
        var result = new StringBuilder();
        var done = 0;
        foreach (var at in count < 0 ? Places(text, old) : Places(text, old).Take(count))
        {
            result.Append(text, done, at - done).Append(replacement);
            done = at + old.Length;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>Whether there is a character and all have the property.</summary>
    public static bool All(string text, Func<Rune, bool> property) => text.Length > 0 && text.EnumerateRunes().All(property);

    public static bool IsLetter(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    /// <summary>Decimal digits and digits in other forms, such as superscripts.</summary>
    public static bool IsDigit(Rune rune) => IsDecimal(rune) || (rune.IsBmp && CharUnicodeInfo.GetDigitValue((char)rune.Value) >= 0);

    public static bool IsNumeric(Rune rune) => IsDigit(rune) || Rune.GetNumericValue(rune) >= 0 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.LetterNumber;
}
