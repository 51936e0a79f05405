using System.Text;

namespace Bft.Research.Data;

/// <summary>Writes a row for a terminal or a file.</summary>
internal static class RowViewText
{
    private const string Reset = "\u001b[0m";

    /// <summary>The row under its name, remarks below.</summary>
    public static string Write(RowView row, bool colours)
    {
        var text = new StringBuilder();
        var cut = row.Tokens.Count(token => token.Part == TokenPart.CutOff);
        text.Append($"{row.Name}: {row.Tokens.Count - cut} tokens, {row.Taught} taught{(cut > 0 ? $", {cut} cut off" : "")}\n");
        if (colours)
            foreach (var (part, special, piece) in row.Runs())
                text.Append(Coloured(part, special, piece));
        else
            AppendBracketed(text, row);
        if (text[^1] != '\n')
            text.Append('\n');
        foreach (var remark in row.Remarks)
            text.Append($"  ! {remark.Problem}: {remark.Field}: expected {remark.Expected}, actual {remark.Actual}\n");
        return text.ToString();
    }

    /// <summary>A piece with its white space and control characters visible.</summary>
    public static string Visible(string piece)
    {
        var text = new StringBuilder();
        foreach (var rune in piece.EnumerateRunes())
            text.Append(rune.Value switch
            {
                ' ' => "·",
                '\n' => "⏎",
                '\t' => "⇥",
                < ' ' or 0x7F => $"\\u{rune.Value:x4}",
                _ => rune.ToString(),
            });
        return text.ToString();
    }

    private static void AppendBracketed(StringBuilder text, RowView row)
    {
        var open = "";
        foreach (var (part, _, piece) in row.Runs())
        {
            var mark = part switch
            {
                TokenPart.Taught or TokenPart.End => "⟦",
                TokenPart.LeftOut => "{",
                TokenPart.CutOff => "✂",
                _ => "",
            };
            text.Append(mark == open ? "" : Closing(open) + mark).Append(piece);
            open = mark;
        }

        text.Append(Closing(open));
    }

    private static string Closing(string mark) => mark switch { "⟦" => "⟧", "{" => "}", _ => "" };

    /// <summary>Colour goes line by line, so that a pager that resets it at line ends shows the same.</summary>
    private static string Coloured(TokenPart part, bool special, string text)
    {
        var colour = part switch
        {
            TokenPart.Taught => "\u001b[1;32m",
            TokenPart.End => "\u001b[1;7;32m",
            TokenPart.LeftOut => "\u001b[33m",
            TokenPart.CutOff => "\u001b[9;31m",
            _ => special ? "\u001b[2;36m" : "\u001b[2m",
        };
        return string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? "" : $"{colour}{line}{Reset}"));
    }
}
