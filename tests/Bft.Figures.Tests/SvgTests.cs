using System.Globalization;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>What the SVG shows is what the data say.</summary>
public class SvgTests
{
    [Theory]
    [MemberData(nameof(Examples.All), MemberType = typeof(Examples))]
    public void Every_kind_is_well_formed_titled_described_and_self_contained(string kind, Func<Figure> make)
    {
        var figure = make();
        var svg = XElement.Parse(figure.Svg);
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Equal(figure.Title, svg.Elements().First(element => element.Name.LocalName == "title").Value);
        Assert.Equal(figure.AltText, svg.Elements().First(element => element.Name.LocalName == "desc").Value);
        Assert.Contains(svg.Descendants(), element => element.Name.LocalName == "text" && element.Value == figure.Caption);
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName is "script" or "image" or "foreignObject");
        Assert.DoesNotContain(svg.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName == "href" || attribute.Value.Contains("NaN", StringComparison.Ordinal));
        Assert.Equal(figure.Svg, make().Svg);
        Assert.True(figure.Svg.Length < 15_000, $"{kind} takes {figure.Svg.Length} characters");
    }

    [Fact]
    public void Lines_and_bands_go_through_their_data()
    {
        var axes = DrawnAxes.Of(Examples.Lines());
        var expected = new[] { (0.0, 3.317), (10, 3.1), (35, 2.95), (50, 2.913) };
        AssertClose(expected, axes.Line("SFT"));
        AssertClose([(0, 3.3), (10, 3.41), (20, 3.52), (35, 3.6123456789), (50, 3.7)], axes.Line("DFT"));
        AssertClose([(0, 3.4), (10, 3.2), (10, 3.0), (0, 3.2), (35, 3.0), (50, 2.99), (50, 2.85), (35, 2.9)], axes.Band("SFT"));
        AssertClose([(0, 3.4), (35, 3.0)], [axes.Band("SFT")[0], axes.Band("SFT")[4]]);
    }

    [Fact]
    public void A_point_moved_by_half_a_percent_of_the_range_is_noticed()
    {
        var moved = DrawnAxes.Of(Examples.Lines(shift: 0.005)).Line("SFT");
        Assert.ThrowsAny<Exception>(() => AssertClose([(0, 3.317), (10, 3.1), (35, 2.95), (50, 2.913)], moved));
    }

    [Fact]
    public void Bars_stand_on_zero_and_their_errors_are_the_intervals()
    {
        var axes = DrawnAxes.Of(Examples.Bars());
        var bars = axes.Bars("a");
        Assert.Equal(3, bars.Count);
        Assert.All(bars.Zip([0.41, 1.7, 3.08]), pair => Assert.Equal(pair.Second, pair.First.Top, 0.01));
        Assert.All(bars, bar => Assert.Equal(0, bar.Bottom, 0.01));
        Assert.All(bars.Select((bar, place) => (bar, place)), pair => Assert.Equal(pair.place - 0.2, (pair.bar.Left + pair.bar.Right) / 2, 0.01));
        Assert.All(axes.Errors("bars", "a", across: false).Zip([(0.38, 0.45), (1.2, 2.4), (2.43, 4.07)]), pair =>
        {
            Assert.Equal(pair.Second.Item1, pair.First.From, 0.01);
            Assert.Equal(pair.Second.Item2, pair.First.Until, 0.01);
        });
        Assert.Single(axes.Errors("bars", "b", across: false));
    }

    [Fact]
    public void Dots_and_intervals_lie_where_the_logarithmic_axis_says()
    {
        var axes = DrawnAxes.Of(Examples.Forest(), logX: true);
        var dots = axes.Circles("points", "a");
        Assert.All(dots.Zip([0.41, 1.7, 3.08]), pair => Assert.Equal(1, pair.First.X / pair.Second, 0.005));
        Assert.All(axes.Errors("points", "a", across: true).Zip([(0.38, 0.45), (1.2, 2.4), (2.43, 4.07)]), pair =>
        {
            Assert.Equal(1, pair.First.From / pair.Second.Item1, 0.005);
            Assert.Equal(1, pair.First.Until / pair.Second.Item2, 0.005);
        });
        var wronglyLinear = DrawnAxes.Of(Examples.Forest(), logX: false).Circles("points", "a");
        Assert.Contains(wronglyLinear.Zip([0.41, 1.7, 3.08]), pair => Math.Abs(pair.First.X / pair.Second - 1) > 0.05);
    }

    [Fact]
    public void An_open_interval_reaches_the_edge_of_the_axis()
    {
        var open = Draw.Forest("t", "odds ratio (ratio)", "c", "a", [Measured.Of("x", "", 1.0, 0.5, double.PositiveInfinity), Measured.Of("y", "", 0.1, 0.05, 0.2)]);
        var errors = DrawnAxes.Of(open).Errors("points", "", across: true);
        Assert.Equal(0.5, errors[0].From, 0.01);
        Assert.True(errors[0].Until > 1.02);
        Assert.DoesNotContain("Infinity", open.PlotlyJson, StringComparison.Ordinal);
        Assert.Contains("x: 1 [0.5, Infinity]", open.PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public void Histogram_steps_are_shares_that_sum_to_one()
    {
        var steps = DrawnAxes.Of(Examples.Histogram()).Line("x");
        AssertClose([(0.1, 0.75), (0.3, 0.75), (0.3, 0), (0.5, 0), (0.7, 0), (0.7, 0.25), (0.9, 0.25)], steps);
        AssertClose([(0.1, 0), (0.3, 0), (0.5, 0), (0.5, 1), (0.7, 1), (0.7, 0), (0.9, 0)], DrawnAxes.Of(Examples.Histogram()).Line("y"));
    }

    [Fact]
    public void Labels_neither_leave_the_page_nor_cover_each_other_on_an_axis()
    {
        var svg = XElement.Parse(Examples.Grid().Svg);
        var width = DrawnAxes.Number(svg, "width");
        foreach (var panel in DrawnAxes.Class(svg, "panel"))
        {
            var places = DrawnAxes.Class(panel, "ticks-x").Elements().Where(text => text.Attribute("transform") is null)
                .Select(text => (Middle: DrawnAxes.Number(text, "x"), Width: 11.5 * 0.56 * text.Value.Length)).ToList();
            Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.First.Middle + pair.First.Width / 2 <= pair.Second.Middle - pair.Second.Width / 2 + 1));
            Assert.All(places, place => Assert.InRange(place.Middle, 0, width));
        }

        var legend = DrawnAxes.Class(svg, "legend").Select(entry => entry.Elements().Last()).Select(text => (X: DrawnAxes.Number(text, "x"), Y: DrawnAxes.Number(text, "y"), End: DrawnAxes.Number(text, "x") + 12.5 * 0.6 * text.Value.Length)).ToList();
        Assert.All(legend.Zip(legend.Skip(1)), pair => Assert.True(pair.Second.Y > pair.First.Y || pair.Second.X > pair.First.End));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Labels_of_a_colour_bar_stand_apart_however_low_it_is(int lines)
    {
        string[] tokens = [.. Enumerable.Repeat("token", 3 * lines)];
        var figure = Draw.TokenStrip("Strip", "weight (ratio)", "c", "a", tokens, [new TokenWeights("SFT", [.. tokens.Select((_, i) => i / (double)tokens.Length)])], perLine: 20);
        var labels = Assert.Single(DrawnAxes.Class(XElement.Parse(figure.Svg), "ticks-c")).Elements().Select(text => DrawnAxes.Number(text, "y")).Order().ToList();
        Assert.True(labels.Count >= 2);
        Assert.All(labels.Zip(labels.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 11, $"{pair}"));
    }

    [Fact]
    public void A_heading_wider_than_its_panel_is_broken_and_the_panels_make_room()
    {
        static Figure Titled(string title) => Draw.Grid("t", "c", "a", [Draw.Lines(title, "c", "a", Examples.Curves()), Examples.Bars()]);
        static (double Top, List<string> Heading) First(Figure figure)
        {
            var panel = DrawnAxes.Class(XElement.Parse(figure.Svg), "panel").First();
            return (double.Parse(((string)panel.Attribute("data-area")!).Split(' ')[1], CultureInfo.InvariantCulture),
                [.. panel.Elements().Where(element => (string?)element.Attribute("font-weight") == "600").Select(text => text.Value)]);
        }

        var words = string.Join(' ', Enumerable.Repeat("confidence", 9));
        var (shortTop, shortHeading) = First(Titled("confidence"));
        var (longTop, longHeading) = First(Titled(words));
        Assert.Single(shortHeading);
        Assert.True(longHeading.Count > 1);
        Assert.Equal(words, string.Join(' ', longHeading));
        Assert.True(longTop >= shortTop + 13 * (longHeading.Count - 1));
    }

    [Fact]
    public void Two_figures_on_one_page_share_no_identifier_and_the_same_figure_has_the_same_bytes()
    {
        static string[] Identifiers(Figure figure) => [.. XElement.Parse(figure.Svg).Descendants().Attributes("id").Select(attribute => attribute.Value)];
        Assert.Empty(Identifiers(Examples.Bars()).Intersect(Identifiers(Examples.Forest())));
        Assert.Equal(4, Identifiers(Examples.Grid()).Distinct().Count());
        Assert.NotEqual(Examples.Lines().Svg, Examples.Lines(shift: 0.005).Svg);
    }

    private static void AssertClose(IReadOnlyList<(double X, double Y)> expected, IReadOnlyList<(double X, double Y)> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        var (spanX, spanY) = (expected.Max(point => point.X) - expected.Min(point => point.X), expected.Max(point => point.Y) - expected.Min(point => point.Y));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].X, actual[i].X, 0.001 * spanX);
            Assert.Equal(expected[i].Y, actual[i].Y, 0.002 * spanY);
        }
    }
}
