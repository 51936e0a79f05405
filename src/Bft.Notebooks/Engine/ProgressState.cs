using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Engine;

/// <summary>How a bar ended.</summary>
internal enum ProgressEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>All was done.</summary>
    Completed,

    /// <summary>Something was left.</summary>
    Stopped,
}

/// <summary>What a bar says, as text and as HTML. Rate and time left are said only while the work goes on.</summary>
internal sealed class ProgressState(string title, string unit)
{
    private const int Cells = 20;
    private readonly List<(string Name, double Value)> _values = [];

    public long Done { get; set; }

    public long Total { get; set; }

    /// <summary>True when the numbers are thousandths of the whole.</summary>
    public bool IsShare { get; set; }

    public ProgressEnd End { get; set; }

    /// <summary>Why it was stopped, when that is known.</summary>
    public string? Reason { get; set; }

    /// <summary>True when all of a known total is done.</summary>
    public bool IsWhole => Total > 0 && Done >= Total;

    /// <summary>Keeps the last value of a name.</summary>
    public void Set(string name, double value)
    {
        var at = _values.FindIndex(known => known.Name == name);
        if (at < 0)
            _values.Add((name, value));
        else
            _values[at] = (name, value);
    }

    /// <summary>The output: HTML with a bar that screen readers read too, and text.</summary>
    public IReadOnlyDictionary<string, JsonNode> Bundle(ProgressPace pace) => new SortedDictionary<string, JsonNode>(StringComparer.Ordinal)
    {
        ["text/html"] = JsonValue.Create(Html(pace))!,
        ["text/plain"] = JsonValue.Create(Line(pace))!,
    };

    /// <summary>Everything in one line.</summary>
    public string Line(ProgressPace pace)
    {
        var line = new StringBuilder(title.Length > 0 ? title + ": " : "");
        if (Total > 0)
        {
            var full = (int)(Cells * Math.Min(1, (double)Done / Total));
            line.Append('█', full).Append('░', Cells - full).Append(' ');
        }

        return line.Append(Words(pace)).ToString();
    }

    private string Html(ProgressPace pace)
    {
        var (name, words) = (WebUtility.HtmlEncode(title.Length > 0 ? title : "Progress"), WebUtility.HtmlEncode(Words(pace)));
        var heading = title.Length > 0 ? $"{name}: " : "";
        var amount = Total > 0 ? $" max='{Total}' value='{Math.Min(Done, Total)}'" : End == ProgressEnd.None ? "" : " max='1' value='1'";
        return FormattableString.Invariant($"<div class='bft-progress'>{heading}<progress aria-label='{name}'{amount} style='width:16em;vertical-align:middle'></progress> {words}</div>");
    }

    private string Words(ProgressPace pace)
    {
        var words = new StringBuilder(Amount());
        foreach (var (name, value) in _values)
            words.Append("; ").Append(name).Append(' ').Append(value.ToString("G4", CultureInfo.InvariantCulture));
        if (End == ProgressEnd.Stopped && (Total > 0 || Reason is not null))
            return words.Append("; ").Append(Reason ?? "stopped").ToString();
        if (End != ProgressEnd.None || IsWhole)
            return words.ToString();
        if (!IsShare && pace.Rate is { } rate)
            words.Append("; ").Append(Rate(rate));
        if (pace.Left(Done, Total) is { } left)
            words.Append("; ").Append(Time(left)).Append(" left");
        return words.ToString();
    }

    private string Amount()
    {
        if (IsShare)
            return (Done / 1000.0).ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);
        var counted = unit.Length > 0 ? " " + unit : "";
        return Total > 0 ? FormattableString.Invariant($"{Done:N0} of {Total:N0}{counted}") : FormattableString.Invariant($"{Done:N0}{counted}");
    }

    // Slow work is told by the time that one takes.
    private string Rate(double rate)
    {
        var one = unit.Length > 0 ? unit : "";
        return rate >= 1
            ? $"{rate.ToString(rate < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture)}{(one.Length > 0 ? " " + one : "")}/s"
            : $"{Time(TimeSpan.FromSeconds(1 / rate))} each";
    }

    private static string Time(TimeSpan time) => time.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h")
        : time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
}
