using System.Net;
using System.Text;
using Bft.Results.Display;

namespace Bft.Results;

/// <summary>A grid of strings with a head, written as plain text, Markdown or HTML. Shows itself in a notebook.</summary>
[TypeFormatterSource(typeof(TextTableFormatters), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed class TextTable
{
    private readonly bool[] _numeric;
    private readonly List<string[]> _rows = [];

    /// <summary>Makes an empty table.</summary>
    /// <param name="columns">Head of each column; a leading <c>&gt;</c> aligns the column to the right.</param>
    public TextTable(params string[] columns)
    {
        _numeric = [.. columns.Select(column => column.StartsWith('>'))];
        Columns = [.. columns.Select(column => column.TrimStart('>'))];
    }

    /// <summary>A table of rows that are there already.</summary>
    /// <param name="columns">Heads, as the constructor takes them.</param>
    /// <param name="rows">Rows, each as long as <paramref name="columns"/>.</param>
    public static TextTable Of(string[] columns, IEnumerable<string[]> rows) => rows.Aggregate(new TextTable(columns), (table, row) => table.Add(row));

    /// <summary>Heads.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows, each as long as <see cref="Columns"/>.</summary>
    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has another number of cells than the head.</exception>
    public TextTable Add(params string[] cells)
    {
        if (cells.Length != Columns.Count)
            throw new ArgumentException($"A row needs {Columns.Count} cells, got {cells.Length}.", nameof(cells));
        _rows.Add(cells);
        return this;
    }

    /// <summary>Columns padded with spaces, a rule under the head.</summary>
    public string ToText()
    {
        var widths = Columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Length).Max()).ToArray();
        var text = new StringBuilder();
        AppendLine(Columns);
        text.AppendJoin("  ", widths.Select(width => new string('-', width))).Append('\n');
        foreach (var row in _rows)
            AppendLine(row);
        return text.ToString();

        void AppendLine(IEnumerable<string> cells) =>
            text.Append(string.Join("  ", cells.Select((cell, i) => _numeric[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd()).Append('\n');
    }

    /// <summary>A pipe table; pipes and line ends inside cells are escaped.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        AppendLine(Columns);
        text.Append('|').AppendJoin('|', _numeric.Select(numeric => numeric ? " ---: " : " --- ")).Append("|\n");
        foreach (var row in _rows)
            AppendLine(row);
        return text.ToString();

        void AppendLine(IEnumerable<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))).Append(" |\n");
    }

    /// <summary>A <c>table</c> element without scripts or style sheets. Cells of right-aligned columns are not broken into lines.</summary>
    /// <param name="caption">Text above the table; none when empty.</param>
    public string ToHtml(string caption = "")
    {
        var text = new StringBuilder("<table>\n");
        if (caption.Length > 0)
            text.Append("<caption>").Append(WebUtility.HtmlEncode(caption)).Append("</caption>\n");
        text.Append("<thead>");
        AppendLine("th", Columns);
        text.Append("</thead>\n<tbody>\n");
        foreach (var row in _rows)
        {
            AppendLine("td", row);
            text.Append('\n');
        }

        return text.Append("</tbody>\n</table>\n").ToString();

        // notebooks align to the right, other pages to the left: each cell says which, in as few letters as every host takes
        void AppendLine(string element, IEnumerable<string> cells)
        {
            text.Append("<tr>");
            foreach (var (i, cell) in cells.Index())
                text.Append($"<{element} {(_numeric[i] ? "align='right'" : "style='text-align:left'")}>{Encode(_numeric[i] ? cell.Replace(' ', '\u00A0') : cell)}</{element}>");
            text.Append("</tr>");
        }
    }

    /// <summary>A hard space stays one letter rather than six.</summary>
    private static string Encode(string cell) => WebUtility.HtmlEncode(cell).Replace("&#160;", "\u00A0", StringComparison.Ordinal);

    private sealed class TextTableFormatters
    {
        public IEnumerable<object> CreateTypeFormatters() =>
        [
            new DisplayFormatter<TextTable>("text/html", table => table.ToHtml()),
            new DisplayFormatter<TextTable>("text/plain", table => table.ToText()),
        ];
    }
}
