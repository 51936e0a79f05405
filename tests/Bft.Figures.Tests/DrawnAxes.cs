using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>Reads data back from a drawn SVG: the scale is recovered from the ticks' labels and places alone, then applied to the marks.</summary>
internal sealed partial class DrawnAxes
{
    private readonly (double Slope, double Offset) _x;
    private readonly (double Slope, double Offset) _y;
    private readonly XElement _panel;
    private readonly bool _logX;

    private DrawnAxes(XElement panel, bool logX)
    {
        (_panel, _logX) = (panel, logX);
        _x = Fit(Ticks(panel, "tick-x", "line", "x1", 0), logX);
        _y = Fit(Ticks(panel, "tick-y", "text", "y", -11.5 * 0.35), false);
    }

    /// <summary>Axes of the n-th panel.</summary>
    public static DrawnAxes Of(Figure figure, int panel = 0, bool logX = false) => new(Class(XElement.Parse(figure.Svg), "panel").ElementAt(panel), logX);

    /// <summary>Points of the path of the named line, NaN dropped.</summary>
    public List<(double X, double Y)> Line(string name) => Points((string)Mark("line", name).Elements().First(element => element.Name.LocalName == "path").Attribute("d")!);

    /// <summary>Outline of the named band.</summary>
    public List<(double X, double Y)> Band(string name) => Points((string)Mark("band", name).Elements().First().Attribute("d")!);

    /// <summary>Markers of the named circles (the first series has circles).</summary>
    public List<(double X, double Y)> Circles(string kind, string name) =>
        [.. Mark(kind, name).Elements().Where(element => element.Name.LocalName == "circle").Select(circle => Data(Number(circle, "cx"), Number(circle, "cy")))];

    /// <summary>Left, top, right and bottom of the bars of a series, in data.</summary>
    public List<(double Left, double Top, double Right, double Bottom)> Bars(string name) =>
        [.. Mark("bars", name).Elements().Where(element => element.Name.LocalName == "rect").Select(rect =>
        {
            var (left, top) = Data(Number(rect, "x"), Number(rect, "y"));
            var (right, bottom) = Data(Number(rect, "x") + Number(rect, "width"), Number(rect, "y") + Number(rect, "height"));
            return (left, top, right, bottom);
        })];

    /// <summary>Ends of the error bars (their long strokes) of a series, in data.</summary>
    public List<(double From, double Until)> Errors(string kind, string name, bool across) =>
        [.. Mark(kind, name).Elements().Where(element => element.Name.LocalName == "line").Chunk(3).Select(strokes =>
        {
            var from = Data(Number(strokes[0], "x1"), Number(strokes[0], "y1"));
            var until = Data(Number(strokes[0], "x2"), Number(strokes[0], "y2"));
            return across ? (from.X, until.X) : (from.Y, until.Y);
        })];

    public static IEnumerable<XElement> Class(XElement root, string name) => root.Descendants().Where(element => (string?)element.Attribute("class") == name);

    public static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private XElement Mark(string kind, string name) => Class(_panel, kind).Single(element => (string?)element.Attribute("data-name") == name);

    private List<(double X, double Y)> Points(string data) =>
        [.. Point().Matches(data).Select(match => Data(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))];

    private (double X, double Y) Data(double x, double y)
    {
        var position = (x - _x.Offset) / _x.Slope;
        return (_logX ? Math.Exp(position) : position, (y - _y.Offset) / _y.Slope);
    }

    private static List<(double Value, double Place)> Ticks(XElement panel, string kind, string element, string attribute, double shift)
    {
        var ticks = Class(panel, kind).ToList();
        var labels = ticks.Select(tick => tick.Elements().Last().Value).ToList();
        var numeric = labels.All(label => double.TryParse(label, CultureInfo.InvariantCulture, out _));
        return [.. ticks.Select((tick, i) => (numeric ? double.Parse(labels[i], CultureInfo.InvariantCulture) : kind == "tick-y" ? -i : i,
            Number(tick.Elements().First(child => child.Name.LocalName == element), attribute) + shift))];
    }

    private static (double Slope, double Offset) Fit(List<(double Value, double Place)> ticks, bool log)
    {
        var first = ticks[0];
        var last = ticks[^1];
        double Scaled(double value) => log ? Math.Log(value) : value;
        var slope = (last.Place - first.Place) / (Scaled(last.Value) - Scaled(first.Value));
        return (slope, first.Place - slope * Scaled(first.Value));
    }

    [GeneratedRegex(@"[ML](-?[\d.]+) (-?[\d.]+)")]
    private static partial Regex Point();
}
