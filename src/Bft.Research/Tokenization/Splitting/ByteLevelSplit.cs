using Bft.Research.Tokenization.Normalizing;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>The byte-level step: an optional leading space and the GPT-2 pattern. The bytes themselves are made by <see cref="Vocabularies.BytePairVocabulary"/>.</summary>
internal sealed class ByteLevelSplit(bool addPrefixSpace, bool usePattern) : IPreTokenizer
{
    private static readonly PatternSplit Gpt2 = new(SplitPatterns.Compile(SplitPatterns.Gpt2), SplitBehavior.Isolated, invert: false);
    private static readonly Prepend Space = new(" ");

    public void Split(Piece piece, List<Piece> into)
    {
        if (addPrefixSpace && piece.Length > 0 && piece.Span[0] != ' ')
        {
            var spaced = Space.Normalize(piece.Source.Slice(piece.Start, piece.Length));
            piece = new(spaced, 0, spaced.Text.Length);
        }

        if (usePattern)
            Gpt2.Split(piece, into);
        else if (piece.Length > 0)
            into.Add(piece);
    }
}
