namespace Bft.Research.Tokenization.Decoding;

/// <summary>Removes the spaces that word-based decoding leaves before punctuation and contractions.</summary>
internal static class Spacing
{
    private static readonly (string Spaced, string Joined)[] OfText =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    private static readonly (string Spaced, string Joined)[] OfToken =
        [.. OfText.TakeWhile(rule => rule.Spaced != " 's"), (" do not", " don't"), .. OfText.SkipWhile(rule => rule.Spaced != " 's")];

    /// <summary>The ten replacements of <c>clean_up_tokenization</c>, in their order, on a whole text.</summary>
    public static string CleanUp(string text) => Apply(OfText, text);

    /// <summary>The replacements of the WordPiece decoder, which has one rule more.</summary>
    public static string CleanUpToken(string token) => token.Contains(' ') ? Apply(OfToken, token) : token;

    private static string Apply((string Spaced, string Joined)[] rules, string text)
    {
        foreach (var (spaced, joined) in rules)
            text = text.Replace(spaced, joined, StringComparison.Ordinal);
        return text;
    }
}
