namespace Bft.Research.Tokenization.Splitting;

/// <summary>A stretch of aligned text, in UTF-16 units.</summary>
internal readonly record struct Piece(AlignedText Source, int Start, int Length)
{
    public ReadOnlySpan<char> Span => Source.Text.AsSpan(Start, Length);

    public Piece Part(int start, int length) => new(Source, Start + start, length);
}

/// <summary>Cuts text into the pieces inside which a vocabulary looks for tokens.</summary>
internal interface IPreTokenizer
{
    /// <summary>Adds the parts of a piece, in order. Empty parts are never added.</summary>
    void Split(Piece piece, List<Piece> into);
}

/// <summary>Pre-tokenizers one after the other, each inside the pieces of the one before.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> into)
    {
        List<Piece> current = [piece], next = [];
        for (var i = 0; i < steps.Count; i++)
        {
            var target = i == steps.Count - 1 ? into : next;
            foreach (var part in current)
                steps[i].Split(part, target);
            if (target == into)
                return;
            (current, next) = (next, current);
            next.Clear();
        }

        into.AddRange(current);
    }
}
