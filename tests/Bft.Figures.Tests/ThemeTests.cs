using System.Globalization;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>Light, dark and printed pictures.</summary>
public class ThemeTests
{
    [Theory]
    [MemberData(nameof(Examples.All), MemberType = typeof(Examples))]
    public void A_dark_picture_has_no_light_colour_left_and_the_automatic_one_names_each(string kind, Func<Figure> make)
    {
        var (light, dark, automatic) = (Colors(make().ToSvg(Theme.Light)), Colors(make().ToSvg(Theme.Dark)), make().Svg);
        var changing = light.Where(Palette.dark.ContainsKey).ToList();
        Assert.True(changing.Count >= 3, kind);
        Assert.Empty(dark.Intersect(changing).Except(Palette.dark.Values));
        Assert.Equal(light.Except(changing), dark.Except(changing.Select(color => Palette.dark[color])));
        Assert.Equal(light, Colors(automatic));
        Assert.All(changing, color => Assert.Contains($"='{color}']{{", automatic, StringComparison.Ordinal));
        Assert.All(changing, color => Assert.Contains(Palette.dark[color] + "}", automatic, StringComparison.Ordinal));
        Assert.DoesNotContain("<style>", make().ToSvg(Theme.Light), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(85)]
    [InlineData(180)]
    public void A_printed_figure_has_its_width_and_text_of_seven_points(double millimetres)
    {
        foreach (var figure in new[] { Examples.Lines(), Examples.Bars(), Examples.Forest(), Examples.Grid() })
        {
            var svg = XElement.Parse(figure.ToSvg(Theme.Light, millimetres));
            Assert.Equal($"{millimetres}mm", (string)svg.Attribute("width")!);
            var width = double.Parse(((string)svg.Attribute("viewBox")!).Split(' ')[2], CultureInfo.InvariantCulture);
            var pointsPerPixel = millimetres / 25.4 * 72 / width;
            Assert.All(svg.Descendants().Attributes("font-size"), size => Assert.True((double)size * pointsPerPixel > 6.99, $"{(double)size * pointsPerPixel} points"));
            Assert.All(svg.Descendants().Where(element => element.Name.LocalName == "text" && element.Attribute("transform") is null), text => Assert.InRange(DrawnAxes.Number(text, "x"), 0, width));
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(85)]
    public void A_long_title_of_an_axis_is_broken_so_that_it_stays_on_the_printed_page(double millimetres)
    {
        const string Title = "Observed over expected neighbouring pairs of tokens of low confidence within one passage of any length (ratio)";
        var figure = Draw.Forest("t", Title, "c", "a", Examples.Values());
        var svg = XElement.Parse(figure.ToSvg(Theme.Light, millimetres));
        var width = double.Parse(((string)svg.Attribute("viewBox")!).Split(' ')[2], CultureInfo.InvariantCulture);
        var lines = DrawnAxes.Class(svg, "panel").Single().Elements().Where(element => (string?)element.Attribute("text-anchor") == "middle" && element.Name.LocalName == "text" && element.Attribute("transform") is null).ToList();
        Assert.Equal(Title, string.Join(' ', lines.Select(line => line.Value)));
        Assert.All(lines, line => Assert.InRange(DrawnAxes.Number(line, "x") + TextMeasure.width(13, line.Value) / 2, 0, width));
        Assert.True(DrawnAxes.Number(lines[0], "x") + TextMeasure.width(13, Title) / 2 > width); // in one line it would leave the page
    }

    [Fact]
    public void Lines_of_tokens_are_as_short_as_the_printed_width_asks_for()
    {
        string[] tokens = [.. Enumerable.Range(0, 60).Select(i => $" token{i}")];
        var figure = Draw.TokenStrip("t", "weight (ratio)", "c", "a", tokens, [new TokenWeights("SFT", [.. tokens.Select((_, i) => i / 60.0)])]);
        static List<XElement> Lines(string svg) => [.. DrawnAxes.Class(XElement.Parse(svg), "strip").Single().Descendants().Where(text => text.Attribute("textLength") is not null)];
        var (wide, narrow) = (Lines(figure.ToSvg(Theme.Light)), Lines(figure.ToSvg(Theme.Light, 85)));
        Assert.All(wide.Concat(narrow), line => Assert.True(DrawnAxes.Number(line, "textLength") / line.Value.Length >= 6.5, $"{line}"));
        Assert.True(Rows(narrow) > Rows(wide));
        Assert.Equal(Words(wide), Words(narrow));

        static int Rows(List<XElement> lines) => lines.Select(line => (string)line.Attribute("y")!).Distinct().Count();
        static string Words(List<XElement> lines) => string.Join(' ', lines.SelectMany(line => line.Value.Split('\u00A0', StringSplitOptions.RemoveEmptyEntries)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_narrow_page_takes_fewer_panels_side_by_side_and_an_impossible_one_is_refused()
    {
        static int Columns(string svg) => DrawnAxes.Class(XElement.Parse(svg), "panel").Select(panel => ((string)panel.Attribute("data-area")!).Split(' ')[0]).Distinct().Count();
        Assert.Equal(2, Columns(Examples.Grid().ToSvg(Theme.Light)));
        Assert.Equal(1, Columns(Examples.Grid().ToSvg(Theme.Light, 60)));
        Assert.Contains("40 to 1000", Assert.Throws<ArgumentException>(() => Examples.Grid().ToSvg(Theme.Light, 20)).Message, StringComparison.Ordinal);
    }

    private static List<string> Colors(string svg) =>
        [.. XElement.Parse(svg).DescendantsAndSelf().Attributes().Where(attribute => attribute.Name.LocalName is "fill" or "stroke").Select(attribute => attribute.Value).Distinct()];
}
