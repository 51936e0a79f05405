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
        _x = Fit(Ticks(panel, "ticks-x", "x", 0, 1), logX);
        _y = Fit(Ticks(panel, "ticks-y", "y", -11.5 * 0.35, -1), false);
    }

    /// <summary>Axes of the n-th panel.</summary>
    public static DrawnAxes Of(Figure figure, int panel = 0, bool logX = false) => new(Class(XElement.Parse(figure.Svg), "panel").ElementAt(panel), logX);

    /// <summary>Points of the path of the named line, NaN dropped.</summary>
    public List<(double X, double Y)> Line(string name) => [.. Strokes(Mark("line", name).Elements().First()).SelectMany(stroke => stroke)];

    /// <summary>Outline of the named band.</summary>
    public List<(double X, double Y)> Band(string name) => [.. Strokes(Mark("band", name).Elements().First()).SelectMany(stroke => stroke)];

    /// <summary>Places of the markers of the first series of a figure, which are circles that start at their top.</summary>
    public List<(double X, double Y)> Circles(string kind, string name) => [.. Strokes(Mark(kind, name).Elements().Last(), dy: 4).Select(stroke => stroke[0])];

    /// <summary>Left, top, right and bottom of the bars of a series, in data.</summary>
    public List<(double Left, double Top, double Right, double Bottom)> Bars(string name) =>
        [.. Mark("bars", name).Descendants().Where(element => element.Name.LocalName == "rect").Select(rect =>
        {
            var (left, top) = Data(Number(rect, "x"), Number(rect, "y"));
            var (right, bottom) = Data(Number(rect, "x") + Number(rect, "width"), Number(rect, "y") + Number(rect, "height"));
            return (left, top, right, bottom);
        })];

    /// <summary>Ends of the error bars (each a stroke between two caps) of a series, in data.</summary>
    public List<(double From, double Until)> Errors(string kind, string name, bool across) =>
        [.. Class(Mark(kind, name), "errors").SelectMany(path => Strokes(path)).Chunk(3).Select(strokes => across
            ? (strokes[1][0].X, strokes[1][1].X)
            : (strokes[1][0].Y, strokes[1][1].Y))];

    public static IEnumerable<XElement> Class(XElement root, string name) => root.Descendants().Where(element => (string?)element.Attribute("class") == name);

    public static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private XElement Mark(string kind, string name) => Class(_panel, kind).Single(element => (string?)element.Attribute("data-name") == name);

    /// <summary>Strokes of a path in data: each starts at an absolute place and goes on in relative steps, level, upright or both.</summary>
    private List<List<(double X, double Y)>> Strokes(XElement path, double dx = 0, double dy = 0)
    {
        var strokes = new List<List<(double X, double Y)>>();
        var (x, y) = (0.0, 0.0);
        foreach (Match part in Part().Matches((string)path.Attribute("d")!))
        {
            var numbers = Decimal().Matches(part.Groups[2].Value).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).ToList();
            if (part.Groups[1].Value == "M")
            {
                (x, y) = (numbers[0] + dx, numbers[1] + dy);
                strokes.Add([Data(x, y)]);
            }

            for (var i = 0; part.Groups[1].Value == "l" && i < numbers.Count; i += 2)
                strokes[^1].Add(Data(x += numbers[i], y += numbers[i + 1]));
            foreach (var step in part.Groups[1].Value == "h" ? numbers : [])
                strokes[^1].Add(Data(x += step, y));
            foreach (var step in part.Groups[1].Value == "v" ? numbers : [])
                strokes[^1].Add(Data(x, y += step));
        }

        return strokes;
    }

    private (double X, double Y) Data(double x, double y)
    {
        var position = (x - _x.Offset) / _x.Slope;
        return (_logX ? Math.Exp(position) : position, (y - _y.Offset) / _y.Slope);
    }

    // named ticks count from 0: to the right, or downwards
    private static List<(double Value, double Place)> Ticks(XElement panel, string kind, string attribute, double shift, int step)
    {
        var texts = Class(panel, kind).Single().Elements().ToList();
        var numeric = texts.All(text => double.TryParse(text.Value, CultureInfo.InvariantCulture, out _));
        return [.. texts.Select((text, i) => (numeric ? double.Parse(text.Value, CultureInfo.InvariantCulture) : i * step, Number(text, attribute) + shift))];
    }

    private static (double Slope, double Offset) Fit(List<(double Value, double Place)> ticks, bool log)
    {
        var first = ticks[0];
        var last = ticks[^1];
        double Scaled(double value) => log ? Math.Log(value) : value;
        var slope = (last.Place - first.Place) / (Scaled(last.Value) - Scaled(first.Value));
        return (slope, first.Place - slope * Scaled(first.Value));
    }

    [GeneratedRegex("([Mhlv])([^A-Za-z]*)")]
    private static partial Regex Part();

    [GeneratedRegex(@"-?(\d+\.?\d*|\.\d+)")]
    private static partial Regex Decimal();
}
