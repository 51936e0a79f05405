using System.Text;
using Bft.Research.Tokenization.Normalizing;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>Sets numbers (Nd, Nl, No) apart, one by one or in runs.</summary>
internal sealed class DigitSplit(bool individually) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> into)
    {
        var text = piece.Span;
        var start = 0;
        var insideNumber = false;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var width);
            var isNumber = rune.IsAscii ? char.IsAsciiDigit((char)rune.Value) : Rune.IsNumber(rune);
            if (at > start && (isNumber != insideNumber || (isNumber && individually)))
            {
                into.Add(piece.Part(start, at - start));
                start = at;
            }

            insideNumber = isNumber;
            at += width;
        }

        if (start < text.Length)
            into.Add(piece.Part(start, text.Length - start));
    }
}

/// <summary>Drops white space and, when asked, sets every punctuation character apart (as BERT does: ASCII symbols count as punctuation).</summary>
internal sealed class SpaceSplit(bool separatePunctuation) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> into)
    {
        var text = piece.Span;
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var width);
            var isSpace = Rune.IsWhiteSpace(rune);
            var isSign = separatePunctuation && !isSpace && Unicode8.IsPunctuation(rune.Value);
            if (isSpace || isSign)
            {
                if (at > start)
                    into.Add(piece.Part(start, at - start));
                if (isSign)
                    into.Add(piece.Part(at, width));
                start = at + width;
            }

            at += width;
        }

        if (start < text.Length)
            into.Add(piece.Part(start, text.Length - start));
    }
}
