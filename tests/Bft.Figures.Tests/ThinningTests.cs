using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>A long line is drawn with fewer points and looks the same.</summary>
public class ThinningTests
{
    private const int Points = 40_000;

    [Fact]
    public void Every_column_of_pixels_keeps_its_extremes()
    {
        var (figure, y) = Long();
        var drawn = DrawnAxes.Of(figure).Line("noise");
        Assert.InRange(drawn.Count, 1_000, 6_000);
        Assert.True(figure.Html.Length < 150_000, $"{figure.Html.Length} characters");
        var columns = 650;
        foreach (var (from, until) in Enumerable.Range(0, columns).Select(i => (i * Points / columns, (i + 1) * Points / columns)))
        {
            // a column more on each side, because those of the picture begin elsewhere
            var near = drawn.Where(point => point.X >= from - Points / columns && point.X <= until + Points / columns).Select(point => point.Y).ToList();
            Assert.True(near.Max() >= y[from..until].Max() - 0.02);
            Assert.True(near.Min() <= y[from..until].Min() + 0.02);
        }
    }

    [Fact]
    public void Every_hundredth_point_alone_would_lose_the_peaks()
    {
        var (figure, y) = Long();
        var sampled = y.Where((_, i) => i % 100 == 0).Max();
        Assert.True(sampled < y.Max() - 0.5);
        Assert.Equal(y.Max(), DrawnAxes.Of(figure).Line("noise").Max(point => point.Y), 0.02);
    }

    [Fact]
    public void A_short_line_keeps_all_its_points_and_gaps_stay()
    {
        Assert.Equal(5, DrawnAxes.Of(Examples.Lines()).Line("DFT").Count);
        var (x, y) = (Enumerable.Range(0, Points).Select(i => (double)i).ToArray(), Enumerable.Range(0, Points).Select(i => i is >= 10_000 and < 20_000 ? double.NaN : i % 7).ToArray());
        var path = DrawnAxes.Class(XElement.Parse(Draw.Lines("t", "c", "a", [new Curve("gap", "x (1)", "y (1)", x, y)]).Svg), "line").Single().Elements().First();
        Assert.Equal(2, ((string)path.Attribute("d")!).Count(letter => letter == 'M'));
    }

    [Fact]
    public void Plotly_gets_every_point() => Assert.Equal(Points, System.Text.Json.JsonDocument.Parse(Long().Figure.PlotlyJson).RootElement.GetProperty("data")[0].GetProperty("y").GetArrayLength());

    private static (Figure Figure, double[] Y) Long()
    {
        var random = new Random(3);
        double[] y = [.. Enumerable.Range(0, Points).Select(i => Math.Sin(i / 3000.0) + random.NextDouble() + (i == 12_345 ? 4 : 0))];
        return (Draw.Lines("t", "c", "a", [new Curve("noise", "step (steps)", "loss (1)", [.. Enumerable.Range(0, Points).Select(i => (double)i)], y)]), y);
    }
}
