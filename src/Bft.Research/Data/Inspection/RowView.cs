using Bft.Results;
using Bft.Results.Display;

namespace Bft.Research.Data;

/// <summary>A row as the model sees it, token by token, with what is taught of it. Shows itself in a notebook.</summary>
/// <param name="Name">File and line.</param>
/// <param name="Tokens">All tokens, those beyond the cutoff too.</param>
/// <param name="Remarks">What is the matter with the row; the policies say what happens to it.</param>
/// <param name="Specials">Positions of special tokens.</param>
[TypeFormatterSource(typeof(RowViewFormatters), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record RowView(string Name, IReadOnlyList<TokenView> Tokens, IReadOnlyList<DataFileException> Remarks, IReadOnlySet<int> Specials)
{
    /// <summary>Number of taught tokens that something predicts.</summary>
    public int Taught => Tokens.Skip(1).Count(token => token.Part is TokenPart.Taught or TokenPart.End);

    /// <summary>[T] the text of each token, for a plot of tokens.</summary>
    public string[] Pieces => [.. Tokens.Select(token => token.Piece)];

    /// <summary>[T] 1 on taught tokens, 0 elsewhere, for a plot of tokens.</summary>
    public double[] Mask => [.. Tokens.Select(token => token.Part is TokenPart.Taught or TokenPart.End ? 1.0 : 0.0)];

    /// <summary>The text with what is taught marked by colours of a terminal, or by brackets: <c>⟦taught⟧</c>, <c>{left out}</c>, and <c>✂</c> at the cutoff.</summary>
    /// <param name="colours">Whether to write ANSI colours.</param>
    public string ToText(bool colours = false) => RowViewText.Write(this, colours);

    /// <summary>The text as HTML with what is taught on a coloured ground.</summary>
    public string ToHtml() => RowViewHtml.Write(this);

    /// <summary>Every token in a line of its own.</summary>
    public TextTable ToTable() => TextTable.Of(
        [">position", ">id", "piece", "what for", ">turn"],
        Tokens.Select(token => new[] { $"{token.Position}", $"{token.Id}", RowViewText.Visible(token.Piece), Words(token.Part), token.Turn < 0 ? "" : $"{token.Turn}" }));

    /// <summary>A part in words.</summary>
    internal static string Words(TokenPart part) => part switch
    {
        TokenPart.Taught => "taught",
        TokenPart.End => "taught, ends the turn",
        TokenPart.LeftOut => "left out",
        TokenPart.CutOff => "cut off",
        _ => "",
    };

    /// <summary>Neighbouring tokens with the same part, as one text.</summary>
    internal IEnumerable<(TokenPart Part, bool Special, string Text)> Runs()
    {
        for (int start = 0, end; start < Tokens.Count; start = end)
        {
            var special = Specials.Contains(start);
            end = start + 1;
            while (end < Tokens.Count && Tokens[end].Part == Tokens[start].Part && Specials.Contains(end) == special)
                end++;
            yield return (Tokens[start].Part, special, string.Concat(Tokens.Skip(start).Take(end - start).Select(token => token.Piece)));
        }
    }

    /// <summary>The view of a mask.</summary>
    internal static RowView Of(MaskedText masked, int cutoff, string name, IReadOnlyList<DataFileException> remarks, Func<int, bool> isSpecial)
    {
        var tokens = new TokenView[masked.Ids.Length];
        int at = 0, index = 0; // code points and UTF-16 units of the text shown so far
        var ends = masked.Responses.Select(response => response.End).ToHashSet();
        for (var t = 0; t < tokens.Length; t++)
        {
            var start = index;
            for (; at < masked.Offsets[t].End; at++)
                index += index + 1 < masked.Text.Length && char.IsSurrogatePair(masked.Text[index], masked.Text[index + 1]) ? 2 : 1;
            var piece = masked.Text[start..index];
            var turn = masked.Turns[t];
            var part = t >= cutoff ? TokenPart.CutOff
                : turn >= 0 ? (ends.Contains(t) ? TokenPart.End : TokenPart.Taught)
                : masked.Responses.Any(response => t >= response.First && t <= response.Last) ? TokenPart.LeftOut : TokenPart.Context;
            tokens[t] = new(t, masked.Ids[t], piece, part, t < cutoff ? turn : -1);
        }

        return new(name, tokens, remarks, Enumerable.Range(0, tokens.Length).Where(t => isSpecial(masked.Ids[t])).ToHashSet());
    }

    private sealed class RowViewFormatters
    {
        public IEnumerable<object> CreateTypeFormatters() =>
            [new DisplayFormatter<RowView>("text/html", row => row.ToHtml()), new DisplayFormatter<RowView>("text/plain", row => row.ToText())];
    }
}
