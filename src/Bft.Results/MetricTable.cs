using Bft.Results.Display;

namespace Bft.Results;

/// <summary>One line of a <see cref="MetricTable"/>.</summary>
/// <param name="Subject">Which arm, model or data the number belongs to, for example <c>BFT v3, held-out answers</c>.</param>
/// <param name="Ours">Our number.</param>
/// <param name="Published">The printed counterpart; null stands for "not known" without a source.</param>
public sealed record MetricRow(string Subject, MetricValue Ours, PublishedValue? Published = null);

/// <summary>Our numbers beside published ones. Shows itself in a notebook as HTML and text; the JSON form is for files.</summary>
/// <remarks>
/// What all rows share is said once, in the heading: the number of observations, and what follows <c>: </c> in every subject. The JSON form keeps rows whole.
/// </remarks>
/// <param name="Title">What the table is about.</param>
/// <param name="Rows">Lines, in the order shown.</param>
[TypeFormatterSource(typeof(MetricTableFormatters), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record MetricTable(string Title, IReadOnlyList<MetricRow> Rows)
{
    /// <summary>Type of the JSON form in notebook outputs.</summary>
    public const string MimeType = "application/vnd.bft.metrics+json";

    /// <summary>Version of the JSON form.</summary>
    public const string SchemaName = "bft-metrics-1";

    private const string Separator = ": ";

    /// <summary>Name and version of the JSON form, written into it.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Makes a table from rows.</summary>
    public static MetricTable Of(string title, params MetricRow[] rows) => new(title, rows);

    /// <summary>The table as plain text, title first.</summary>
    public string ToText() => Heading + "\n" + Grid().ToText();

    /// <summary>The table as Markdown, title in bold.</summary>
    public string ToMarkdown() => $"**{Heading}**\n\n{Grid().ToMarkdown()}";

    /// <summary>The table as an HTML element.</summary>
    public string ToHtml() => Grid().ToHtml(Heading);

    /// <summary>The table as one JSON object.</summary>
    public string ToJson() => ResultsJson.Write(this, indented: false);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">File or cell named in errors.</param>
    /// <exception cref="ResultsFormatException">The text does not fit the schema.</exception>
    public static MetricTable Parse(string json, string origin = "metric table") =>
        ResultsJson.Read<MetricTable>(json, origin, SchemaName);

    /// <inheritdoc />
    public override string ToString() => ToText();

    private bool HasPublished => Rows.Any(row => row.Published is not null);

    private string Heading
    {
        get
        {
            var where = Shared(row => Tail(row.Subject));
            return Title
                + (where is null || Title.Contains(where, StringComparison.Ordinal) ? "" : $"; {where}")
                + (Shared(Count) is { } count ? $". Each number is of {count}" : "")
                + (HasPublished ? "" : ". Published values: not known.");
        }
    }

    /// <summary>The rows; columns of published values only where there is one, and none for what the heading says.</summary>
    private TextTable Grid()
    {
        var levels = Rows.Select(row => row.Ours.Interval?.LevelText).OfType<string>().Distinct().ToList();
        var mixed = levels.Count > 1;
        var (tail, count) = (Shared(row => Tail(row.Subject)), Shared(Count));
        string[] columns =
        [
            "Metric", "Of", ">Ours", levels.Count == 1 ? $">{levels[0]} interval" : ">Interval", .. count is null ? [">N"] : Array.Empty<string>(),
            .. HasPublished ? [">Published", "Source"] : Array.Empty<string>(),
        ];
        var grid = new TextTable(columns);
        foreach (var row in Rows)
        {
            var (value, interval) = NumberText.Measured(row.Ours.Value, row.Ours.Interval);
            var level = mixed && row.Ours.Interval is { } own ? $" ({own.LevelText})" : "";
            var subject = tail is null ? row.Subject : row.Subject[..^(Separator.Length + tail.Length)];
            grid.Add(
            [
                Metrics.Get(row.Ours.Metric).Label, subject, value, interval.Length == 0 ? "none" : interval + level, .. count is null ? [Count(row)] : Array.Empty<string>(),
                .. HasPublished ? [row.Published?.ToString() ?? "not known", Source(row.Published)] : Array.Empty<string>(),
            ]);
        }

        return grid;
    }

    /// <summary>What a text is for every row, when it is the same and there is more than one; otherwise null.</summary>
    private string? Shared(Func<MetricRow, string?> text) => Rows.Count > 1 && Rows.Select(text).Distinct().ToList() is [{ } only] ? only : null;

    /// <summary>What follows the first separator of a subject; null without one.</summary>
    private static string? Tail(string subject) => subject.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var at ? subject[(at + Separator.Length)..] : null;

    private static string Count(MetricRow row) => row.Ours.Of.Length == 0 ? $"{row.Ours.N}" : $"{row.Ours.N} {row.Ours.Of}";

    private static string Source(PublishedValue? published) => published is null ? ""
        : published.Note.Length == 0 ? published.Source : $"{published.Source}; {published.Note}";

    private sealed class MetricTableFormatters
    {
        public IEnumerable<object> CreateTypeFormatters() =>
        [
            new DisplayFormatter<MetricTable>(MimeType, table => table.ToJson()),
            new DisplayFormatter<MetricTable>("text/html", table => table.ToHtml()),
            new DisplayFormatter<MetricTable>("text/plain", table => table.ToText()),
        ];
    }
}
