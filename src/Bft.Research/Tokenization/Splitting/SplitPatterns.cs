using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>The published splitting patterns, and how a pattern of a tokenizer file becomes a regular expression of this runtime.</summary>
internal static partial class SplitPatterns
{
    /// <summary>GPT-2: contractions in lower case, letters, numbers, other, each with one leading space; white space.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Qwen2: contractions in any case, letters with one leading sign, single digits, other with line ends.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Compiles a pattern. Literals in a case-insensitive group match by Unicode case folding, where the long s (U+017F) is an s.</summary>
    /// <exception cref="ArgumentException">The pattern uses syntax that this runtime lacks, for example a script name.</exception>
    public static Regex Compile(string pattern) =>
        new(CaseInsensitiveGroup().Replace(pattern, group => group.Value.Replace("s", "[sſ]", StringComparison.Ordinal)), RegexOptions.Compiled | RegexOptions.CultureInvariant);

    /// <summary>A case-insensitive group of plain literals.</summary>
    [GeneratedRegex(@"(?<=\(\?i:)[^()\\\[\]]*(?=\))")]
    private static partial Regex CaseInsensitiveGroup();
}
