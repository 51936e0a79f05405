using System.Globalization;
using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>
/// Python's <c>upper</c>, <c>lower</c>, <c>title</c>, <c>capitalize</c>, <c>swapcase</c>: full Unicode mappings, in which one character may become
/// several.
/// </summary>
internal static class PyCase
{
    // Unicode SpecialCasing, unconditional: a character, then its capitals.
    private const string Uppers =
        "ßSS ŉʼN ǰJ\u030C ΐΙ\u0308\u0301 ΰΥ\u0308\u0301 ևԵՒ \u1E96H\u0331 \u1E97T\u0308 \u1E98W\u030A \u1E99Y\u030A \u1E9AAʾ " +
        "\u1F50Υ\u0313 \u1F52Υ\u0313\u0300 \u1F54Υ\u0313\u0301 \u1F56Υ\u0313\u0342 \u1F80\u1F08Ι \u1F81\u1F09Ι \u1F82\u1F0AΙ " +
        "\u1F83\u1F0BΙ \u1F84\u1F0CΙ \u1F85\u1F0DΙ \u1F86\u1F0EΙ \u1F87\u1F0FΙ \u1F88\u1F08Ι \u1F89\u1F09Ι \u1F8A\u1F0AΙ " +
        "\u1F8B\u1F0BΙ \u1F8C\u1F0CΙ \u1F8D\u1F0DΙ \u1F8E\u1F0EΙ \u1F8F\u1F0FΙ \u1F90\u1F28Ι \u1F91\u1F29Ι \u1F92\u1F2AΙ " +
        "\u1F93\u1F2BΙ \u1F94\u1F2CΙ \u1F95\u1F2DΙ \u1F96\u1F2EΙ \u1F97\u1F2FΙ \u1F98\u1F28Ι \u1F99\u1F29Ι \u1F9A\u1F2AΙ " +
        "\u1F9B\u1F2BΙ \u1F9C\u1F2CΙ \u1F9D\u1F2DΙ \u1F9E\u1F2EΙ \u1F9F\u1F2FΙ \u1FA0\u1F68Ι \u1FA1\u1F69Ι \u1FA2\u1F6AΙ " +
        "\u1FA3\u1F6BΙ \u1FA4\u1F6CΙ \u1FA5\u1F6DΙ \u1FA6\u1F6EΙ \u1FA7\u1F6FΙ \u1FA8\u1F68Ι \u1FA9\u1F69Ι \u1FAA\u1F6AΙ " +
        "\u1FAB\u1F6BΙ \u1FAC\u1F6CΙ \u1FAD\u1F6DΙ \u1FAE\u1F6EΙ \u1FAF\u1F6FΙ \u1FB2\u1FBAΙ \u1FB3ΑΙ \u1FB4ΆΙ \u1FB6Α\u0342 " +
        "\u1FB7Α\u0342Ι \u1FBCΑΙ \u1FC2\u1FCAΙ \u1FC3ΗΙ \u1FC4ΉΙ \u1FC6Η\u0342 \u1FC7Η\u0342Ι \u1FCCΗΙ \u1FD2Ι\u0308\u0300 " +
        "\u1FD3Ι\u0308\u0301 \u1FD6Ι\u0342 \u1FD7Ι\u0308\u0342 \u1FE2Υ\u0308\u0300 \u1FE3Υ\u0308\u0301 \u1FE4Ρ\u0313 " +
        "\u1FE6Υ\u0342 \u1FE7Υ\u0308\u0342 \u1FF2\u1FFAΙ \u1FF3ΩΙ \u1FF4ΏΙ \u1FF6Ω\u0342 \u1FF7Ω\u0342Ι \u1FFCΩΙ \uFB00FF " +
        "\uFB01FI \uFB02FL \uFB03FFI \uFB04FFL \uFB05ST \uFB06ST \uFB13ՄՆ \uFB14ՄԵ \uFB15ՄԻ \uFB16ՎՆ \uFB17ՄԽ";

    // Where the title form is not the capital: a character, then its title form.
    private const string Titles =
        "ßSs Ǆǅ ǅǅ ǆǅ Ǉǈ ǈǈ ǉǈ Ǌǋ ǋǋ ǌǋ Ǳǲ ǲǲ ǳǲ ևԵւ \u1F80\u1F88 \u1F81\u1F89 \u1F82\u1F8A \u1F83\u1F8B \u1F84\u1F8C " +
        "\u1F85\u1F8D \u1F86\u1F8E \u1F87\u1F8F \u1F88\u1F88 \u1F89\u1F89 \u1F8A\u1F8A \u1F8B\u1F8B \u1F8C\u1F8C \u1F8D\u1F8D " +
        "\u1F8E\u1F8E \u1F8F\u1F8F \u1F90\u1F98 \u1F91\u1F99 \u1F92\u1F9A \u1F93\u1F9B \u1F94\u1F9C \u1F95\u1F9D \u1F96\u1F9E " +
        "\u1F97\u1F9F \u1F98\u1F98 \u1F99\u1F99 \u1F9A\u1F9A \u1F9B\u1F9B \u1F9C\u1F9C \u1F9D\u1F9D \u1F9E\u1F9E \u1F9F\u1F9F " +
        "\u1FA0\u1FA8 \u1FA1\u1FA9 \u1FA2\u1FAA \u1FA3\u1FAB \u1FA4\u1FAC \u1FA5\u1FAD \u1FA6\u1FAE \u1FA7\u1FAF \u1FA8\u1FA8 " +
        "\u1FA9\u1FA9 \u1FAA\u1FAA \u1FAB\u1FAB \u1FAC\u1FAC \u1FAD\u1FAD \u1FAE\u1FAE \u1FAF\u1FAF \u1FB2\u1FBA\u0345 " +
        "\u1FB3\u1FBC \u1FB4Ά\u0345 \u1FB7Α\u0342\u0345 \u1FBC\u1FBC \u1FC2\u1FCA\u0345 \u1FC3\u1FCC \u1FC4Ή\u0345 " +
        "\u1FC7Η\u0342\u0345 \u1FCC\u1FCC \u1FF2\u1FFA\u0345 \u1FF3\u1FFC \u1FF4Ώ\u0345 \u1FF7Ω\u0342\u0345 \u1FFC\u1FFC " +
        "\uFB00Ff \uFB01Fi \uFB02Fl \uFB03Ffi \uFB04Ffl \uFB05St \uFB06St \uFB13Մն \uFB14Մե \uFB15Մի \uFB16Վն \uFB17Մխ";

    private static readonly Dictionary<Rune, string> s_upper = Read(Uppers);
    private static readonly Dictionary<Rune, string> s_title = Read(Titles);

    public static string Upper(string text) => string.Concat(text.EnumerateRunes().Select(Upper));

    public static string Lower(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return string.Concat(runes.Select((_, i) => Lower(runes, i)));
    }

    public static string Capitalize(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return string.Concat(runes.Select((rune, i) => i == 0 ? Title(rune) : Lower(runes, i)));
    }

    /// <summary>The title form of the first cased character of every run of cased characters, the small form of the others.</summary>
    public static string Title(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return string.Concat(runes.Select((rune, i) => i > 0 && IsCased(runes[i - 1]) ? Lower(runes, i) : Title(rune)));
    }

    public static string Swap(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return string.Concat(runes.Select((rune, i) => IsUpper(rune) ? Lower(runes, i) : IsLower(rune) ? Upper(rune) : rune.ToString()));
    }

    public static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter || rune.Value is >= 0x2160 and <= 0x216F or >= 0x24B6 and <= 0x24CF;

    public static bool IsLower(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter
        || rune.Value is 0xAA or 0xBA or >= 0x2B0 and <= 0x2B8 or 0x2C0 or 0x2C1 or >= 0x2E0 and <= 0x2E4 or >= 0x2170 and <= 0x217F or >= 0x24D0 and <= 0x24E9
        || rune.Value is >= 0x1D2C and <= 0x1D6A or 0x1D78 or >= 0x1D9B and <= 0x1DBF or 0x2071 or 0x207F or >= 0x2090 and <= 0x209C;

    public static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    private static string Upper(Rune rune) => s_upper.TryGetValue(rune, out var several) ? several : Rune.ToUpperInvariant(rune).ToString();

    private static string Title(Rune rune) =>
        rune.Value is >= 0x10D0 and <= 0x10FF ? rune.ToString() : s_title.TryGetValue(rune, out var title) ? title : Upper(rune);

    private static string Lower(Rune[] runes, int at) => runes[at].Value switch
    {
        0x130 => "i\u0307",
        0x3A3 => EndsWord(runes, at) ? "\u03C2" : "\u03C3",
        _ => Rune.ToLowerInvariant(runes[at]).ToString(),
    };

    /// <summary>Whether a sigma has a cased character before it and none after it, not counting characters that case ignores.</summary>
    private static bool EndsWord(Rune[] runes, int at)
    {
        var before = at - 1;
        while (before >= 0 && IgnoresCase(runes[before]))
            before--;
        var after = at + 1;
        while (after < runes.Length && IgnoresCase(runes[after]))
            after++;
        return before >= 0 && IsCased(runes[before]) && (after == runes.Length || !IsCased(runes[after]));
    }

    private static bool IgnoresCase(Rune rune) =>
        rune.Value is '\'' or '.' or ':' or 0xB7 or 0x2018 or 0x2019 or 0x2024 or 0x2027
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static Dictionary<Rune, string> Read(string table) =>
        table.Split(' ').ToDictionary(entry => entry.EnumerateRunes().First(), entry => entry[entry.EnumerateRunes().First().Utf16SequenceLength..]);
}
