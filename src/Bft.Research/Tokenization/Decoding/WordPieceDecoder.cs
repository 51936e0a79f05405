using System.Text;

namespace Bft.Research.Tokenization.Decoding;

/// <summary>Joins continuations to their words and puts a space before every other token.</summary>
/// <remarks>Clean-up works on one token at a time, as in the reference; what needs two tokens, like "do not", therefore hardly ever happens.</remarks>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : ITokenDecoder
{
    public string Decode(IReadOnlyList<string> tokens)
    {
        var text = new StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            var part = i == 0 ? tokens[i] : tokens[i].StartsWith(prefix, StringComparison.Ordinal) ? tokens[i][prefix.Length..] : " " + tokens[i];
            text.Append(cleanUp ? Spacing.CleanUpToken(part) : part);
        }

        return text.ToString();
    }
}
