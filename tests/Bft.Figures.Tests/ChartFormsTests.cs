using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>Charts of another library: drawn where they can be drawn alike, else said not to be.</summary>
public class ChartFormsTests
{
    private const string Lines = """
        {"data":[{"type":"scatter","name":"up","mode":"lines","x":[1,2,4],"y":[1,"NaN",3]},{"type":"scatter","name":"dots","mode":"markers","x":["1","2","4"],"y":[3,2,null]}],
         "layout":{"title":{"text":"<b>Two</b>"},"xaxis":{"title":{"text":"time (s)"},"range":[0,5]},"yaxis":{"title":"height (m)","type":"log"}}}
        """;

    [Fact]
    public void A_drawn_chart_has_every_form_and_needs_no_network()
    {
        var forms = ChartForms.Of(Lines);
        Assert.Equal(["application/vnd.plotly.v1+json", "image/svg+xml", "text/html", "text/plain"], forms.Keys.Order());
        Assert.Equal(Lines, forms["application/vnd.plotly.v1+json"]);
        Assert.DoesNotContain("<script", forms["text/html"]);
        Assert.DoesNotContain("cdn", forms["text/html"]);
        Assert.Equal("svg", XElement.Parse(forms["image/svg+xml"]).Name.LocalName);
        Assert.StartsWith("Two\ntime (s) × height (m)\n  up: 3 points, x 1 to 4, y 1 to 3", forms["text/plain"]);
    }

    [Fact]
    public void Every_number_and_title_is_that_of_the_chart()
    {
        var plot = Assert.Single(Figure.Read(ChartForms.Of(Lines)["text/html"])).Plot;
        var panel = Assert.Single(plot.Panels);
        Assert.Equal(("Two", "time (s)", "height (m)", Scale.Log), (plot.Title, panel.X.Title, panel.Y.Title, panel.Y.Scale));
        var line = ((Mark.Line)panel.Marks[0]).Item;
        var points = ((Mark.Points)panel.Marks[1]).Item;
        Assert.Equal([1, 2, 4], line.X);
        Assert.Equal([1, double.NaN, 3], line.Y);
        Assert.Equal([1, 2, 4], points.X);
        Assert.Equal([3, 2, double.NaN], points.Y);
        Assert.Equal("Two (2 × scatter: up, dots)", plot.AltText);
    }

    [Fact]
    public void Bars_of_two_traces_stand_side_by_side_and_a_heat_map_keeps_its_rows()
    {
        var bars = Assert.Single(Read("""{"data":[{"type":"bar","x":["a","b"],"y":[1,2]},{"type":"bar","x":["a","b"],"y":[3,4]}]}""").Panels);
        var (first, second) = (((Mark.Bars)bars.Marks[0]).Item, ((Mark.Bars)bars.Marks[1]).Item);
        Assert.Equal([-0.2, 0.8], first.X, Near);
        Assert.Equal([0.2, 1.2], second.X, Near);
        Assert.Equal(["a", "b"], bars.X.Ticks.Select(tick => tick.Item2));
        var map = Read("""{"data":[{"type":"heatmap","x":["p","q"],"y":["r","s"],"z":[[1,2],[3,null]]}]}""");
        var cells = ((Mark.Cells)map.Panels[0].Marks[0]).Item;
        Assert.Equal([1, 2, 3, double.NaN], cells.Values.SelectMany(row => row));
        Assert.Equal((1.0, 3.0), (map.Colors.Value.Low, map.Colors.Value.High));
    }

    [Theory]
    [InlineData("""{"type":"histogram","x":[1]}""", "{}", "the kind 'histogram'")]
    [InlineData("""{"type":"bar","orientation":"h","x":[1],"y":["a"]}""", "{}", "bars across")]
    [InlineData("""{"x":[1,2],"y":[1]}""", "{}", "traces without x and y of one length")]
    [InlineData("""{"x":[1],"y":[1],"xaxis":"x2"}""", "{}", "several pairs of axes")]
    [InlineData("""{"x":[1],"y":[1],"fill":"tonexty"}""", "{}", "the filling 'tonexty'")]
    [InlineData("""{"x":[1],"y":[1],"error_y":{"array":[1]}}""", "{}", "error bars")]
    [InlineData("""{"x":[1],"y":[1]}""", """{"yaxis":{"autorange":"reversed"}}""", "an axis that runs backwards")]
    [InlineData("""{"x":[1],"y":["NaN"]}""", "{}", "a trace without a finite point")]
    [InlineData("""{"x":[1],"y":[1],"visible":false}""", "{}", "a chart without traces")]
    public void What_would_be_drawn_otherwise_is_not_drawn(string trace, string layout, string reason) // the wrong variant: a picture of something else
    {
        var forms = ChartForms.Of($$"""{"data":[{{trace}}],"layout":{{layout}}}""");
        Assert.Equal(["application/vnd.plotly.v1+json", "text/html", "text/plain"], forms.Keys.Order());
        Assert.Contains($"because {reason} cannot be drawn here", forms["text/plain"]);
        Assert.NotNull(JsonNode.Parse(forms["application/vnd.plotly.v1+json"]));
    }

    [Fact]
    public void What_is_left_out_is_said() =>
        Assert.Equal("Drawn without its annotations.", Read("""{"data":[{"x":[1,2],"y":[1,2]}],"layout":{"annotations":[{"text":"here"}]}}""").Caption);

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;

    private static Plot Read(string json) => Assert.Single(Figure.Read(ChartForms.Of(json)["text/html"])).Plot;
}
