using Bft.Research.Tokenization.Normalizing;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>When a mark is put before text that does not begin with one.</summary>
internal enum PrependMark
{
    /// <summary>Before every part of the text.</summary>
    Always,

    /// <summary>Before the beginning of the text only.</summary>
    First,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>Writes spaces as a visible mark (▁) and cuts before every mark, as SentencePiece does.</summary>
internal sealed class MetaspaceSplit(string mark, PrependMark prepend, bool cut) : IPreTokenizer
{
    private readonly Replace _spaces = new(SplitPatterns.Compile(" "), mark);
    private readonly Prepend _mark = new(mark);
    private readonly PatternSplit _cuts = new(SplitPatterns.Compile(System.Text.RegularExpressions.Regex.Escape(mark)), SplitBehavior.MergedWithNext, invert: false);

    public void Split(Piece piece, List<Piece> into)
    {
        if (piece.Length == 0)
            return;
        var text = _spaces.Normalize(piece.Source.Slice(piece.Start, piece.Length));
        var wanted = prepend == PrependMark.Always || (prepend == PrependMark.First && text.StartOf(0) == 0);
        if (wanted && !text.Text.StartsWith(mark, StringComparison.Ordinal))
            text = _mark.Normalize(text);
        var marked = new Piece(text, 0, text.Text.Length);
        if (cut)
            _cuts.Split(marked, into);
        else
            into.Add(marked);
    }
}
