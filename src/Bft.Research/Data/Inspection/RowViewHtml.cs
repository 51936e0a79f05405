using System.Net;
using System.Text;

namespace Bft.Research.Data;

/// <summary>Writes a row as HTML without scripts or outside files. Grounds are translucent, so they work on light and dark pages; the parts differ in underline and strike too, not in hue alone.</summary>
internal static class RowViewHtml
{
    /// <summary>The row under its name, remarks below.</summary>
    public static string Write(RowView row)
    {
        var text = new StringBuilder($"<div style=\"margin:0 0 1em\"><div><b>{Escape(row.Name)}</b>: {row.Tokens.Count(token => token.Part != TokenPart.CutOff)} tokens, {row.Taught} taught</div>");
        text.Append("<div style=\"white-space:pre-wrap;font-family:monospace;line-height:1.5\">");
        foreach (var (part, special, piece) in row.Runs())
            text.Append($"<span style=\"{Style(part, special)}\"{(part == TokenPart.Context ? "" : $" title=\"{RowView.Words(part)}\"")}>{Escape(piece)}</span>");
        text.Append("</div>");
        if (row.Remarks.Count > 0)
            text.Append($"<ul>{string.Concat(row.Remarks.Select(remark => $"<li>{remark.Problem}: {Escape($"{remark.Field}: expected {remark.Expected}, actual {remark.Actual}")}</li>"))}</ul>");
        return text.Append("</div>").ToString();
    }

    /// <summary>What the colours mean.</summary>
    public static string Legend() => "<div>"
        + string.Join(" · ", new[] { TokenPart.Taught, TokenPart.End, TokenPart.LeftOut, TokenPart.CutOff }.Select(part => $"<span style=\"{Style(part, false)}\">{RowView.Words(part)}</span>"))
        + " · the rest is read</div>";

    private static string Style(TokenPart part, bool special) => part switch
    {
        TokenPart.Taught => "background:rgba(0,158,115,.28)",
        TokenPart.End => "background:rgba(0,114,178,.35);text-decoration:underline",
        TokenPart.LeftOut => "background:rgba(230,159,0,.28);font-style:italic",
        TokenPart.CutOff => "opacity:.5;text-decoration:line-through",
        _ => special ? "opacity:.5" : "opacity:.75",
    };

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
