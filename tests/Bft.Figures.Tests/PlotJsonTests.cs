using System.Text.Json;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>What travels inside a picture is enough to draw it again, and no more than can be seen.</summary>
public class PlotJsonTests
{
    [Theory]
    [MemberData(nameof(Examples.All), MemberType = typeof(Examples))]
    public void A_figure_read_from_its_html_is_the_same_figure(string kind, Func<Figure> make)
    {
        var figure = make();
        var again = Assert.Single(Figure.Read($"<p>{figure.Html}</p>"));
        Assert.Equal(figure.Svg, again.Svg);
        Assert.Equal(figure.Html, again.Html);
        Assert.Equal((figure.Title, figure.Caption, figure.AltText), (again.Title, again.Caption, again.AltText));
        Assert.True(figure.Html.Length < 25_000, $"{kind} takes {figure.Html.Length} characters");
    }

    [Fact]
    public void A_changed_number_changes_the_figure_read() => Assert.NotEqual(Examples.Lines().Svg, Figure.Read(Examples.Lines(0.005).Html)[0].Svg);

    [Fact]
    public void Numbers_keep_a_thousandth_of_their_axis_and_infinite_ends_survive()
    {
        var line = Data(Examples.Lines()).GetProperty("panels")[0].GetProperty("marks")[3];
        Assert.Equal("[3.3,3.41,3.52,3.6123,3.7]", line.GetProperty("y").GetRawText());
        var open = Draw.Forest("t", "odds ratio (ratio)", "c", "a", [Measured.Of("x", "", 1.0, 0.5, double.PositiveInfinity), Measured.Of("y", "", 0.1)]);
        Assert.Equal(open.Svg, Figure.Read(open.Html)[0].Svg);
        Assert.Contains("x: 1 [0.5, Infinity]", Figure.Read(open.Html)[0].PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public void Positions_that_marks_share_are_written_once()
    {
        var marks = Data(Examples.Lines()).GetProperty("panels")[0].GetProperty("marks").EnumerateArray().ToList();
        Assert.Equal(["band", "line", "line", "rule"], marks.Select(mark => mark.GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
        Assert.Single(marks, mark => mark.TryGetProperty("x", out _));
        var strips = Data(Examples.Strip()).GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("marks")[0]).ToList();
        Assert.Single(strips, strip => strip.TryGetProperty("texts", out _));
    }

    [Fact]
    public void Data_of_another_schema_are_refused()
    {
        Assert.Empty(Figure.Read("<img src='data:image/svg+xml,AAAA'>"));
        Assert.Contains("expected schema 'bft-figure-1', got 'x'", Assert.Throws<FormatException>(() => PlotReader.read("""{"schema":"x"}""")).Message, StringComparison.Ordinal);
    }

    private static JsonElement Data(Figure figure) =>
        JsonDocument.Parse(JsonText.exchange(XElement.Parse(figure.Svg).Elements().Single(element => element.Name.LocalName == "metadata").Value)).RootElement;
}
