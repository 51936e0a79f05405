using System.Text.Json;

namespace Bft.Figures.Tests;

/// <summary>The Plotly JSON holds the numbers, and nothing that changes from run to run.</summary>
public class PlotlyTests
{
    [Theory]
    [MemberData(nameof(Examples.All), MemberType = typeof(Examples))]
    public void Every_kind_is_valid_small_and_repeatable(string kind, Func<Figure> make)
    {
        var figure = make();
        using var document = JsonDocument.Parse(figure.PlotlyJson);
        Assert.Equal(["data", "layout", "frames"], document.RootElement.EnumerateObject().Select(property => property.Name));
        var layout = document.RootElement.GetProperty("layout");
        Assert.False(layout.TryGetProperty("template", out _));
        Assert.Contains(figure.Title, layout.GetProperty("title").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains(layout.GetProperty("annotations").EnumerateArray(), annotation => annotation.GetProperty("text").GetString() == figure.Caption);
        Assert.DoesNotMatch("[0-9a-f]{8}-[0-9a-f]{4}-", figure.PlotlyJson);
        Assert.DoesNotContain("NaN", figure.PlotlyJson, StringComparison.Ordinal);
        Assert.Equal(figure.PlotlyJson, make().PlotlyJson);
        Assert.True(figure.PlotlyJson.Length < 20_000, $"{kind} takes {figure.PlotlyJson.Length} characters");
    }

    [Fact]
    public void Curves_hold_six_digits_and_null_for_a_gap()
    {
        using var document = JsonDocument.Parse(Examples.Lines().PlotlyJson);
        var lines = document.RootElement.GetProperty("data").EnumerateArray().Where(trace => !trace.TryGetProperty("fill", out _)).ToList();
        Assert.Equal(["SFT", "DFT"], lines.Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal([3.317, 3.1, null, 2.95, 2.913], Numbers(lines[0].GetProperty("y")));
        Assert.Equal([3.3, 3.41, 3.52, 3.61235, 3.7], Numbers(lines[1].GetProperty("y")));
        Assert.NotEqual([3.317, 3.1, null, 2.95, 2.913], Numbers(JsonDocument.Parse(Examples.Lines(0.005).PlotlyJson).RootElement.GetProperty("data")[1].GetProperty("y")));
        Assert.Equal(2, document.RootElement.GetProperty("data").EnumerateArray().Count(trace => trace.GetProperty("showlegend").GetBoolean()));
    }

    [Fact]
    public void A_band_encloses_its_edges_stretch_by_stretch()
    {
        using var document = JsonDocument.Parse(Examples.Lines().PlotlyJson);
        var band = document.RootElement.GetProperty("data").EnumerateArray().Single(trace => trace.TryGetProperty("fill", out _));
        Assert.Equal([0.0, 10, 10, 0, null, 35, 50, 50, 35, null], Numbers(band.GetProperty("x")));
        Assert.Equal([3.4, 3.2, 3.0, 3.2, null, 3.0, 2.99, 2.85, 2.9, null], Numbers(band.GetProperty("y")));
    }

    [Fact]
    public void Intervals_are_written_as_distances_from_the_value()
    {
        using var document = JsonDocument.Parse(Examples.Bars().PlotlyJson);
        var trace = document.RootElement.GetProperty("data")[0];
        Assert.Equal([0.41, 1.7, 3.08], Numbers(trace.GetProperty("y")));
        Assert.Equal([0.04, 0.7, 0.99], Numbers(trace.GetProperty("error_y").GetProperty("array")));
        Assert.Equal([0.03, 0.5, 0.65], Numbers(trace.GetProperty("error_y").GetProperty("arrayminus")));
        using var forest = JsonDocument.Parse(Examples.Forest().PlotlyJson);
        Assert.Equal("log", forest.RootElement.GetProperty("layout").GetProperty("xaxis").GetProperty("type").GetString());
        Assert.Equal([0.04, 0.7, 0.99], Numbers(forest.RootElement.GetProperty("data")[0].GetProperty("error_x").GetProperty("array")));
    }

    [Fact]
    public void A_heat_map_keeps_rows_columns_and_blanks()
    {
        using var document = JsonDocument.Parse(Examples.HeatMap().PlotlyJson);
        var z = document.RootElement.GetProperty("data")[0].GetProperty("z");
        Assert.Equal([0.1, -0.2], Numbers(z[0]));
        Assert.Equal([0.35, null], Numbers(z[1]));
        var axis = document.RootElement.GetProperty("layout").GetProperty("coloraxis");
        Assert.Equal((-0.35, 0.35), (axis.GetProperty("cmin").GetDouble(), axis.GetProperty("cmax").GetDouble()));
    }

    [Fact]
    public void Every_panel_of_a_grid_has_axes_of_its_own_inside_the_page()
    {
        using var document = JsonDocument.Parse(Examples.Grid().PlotlyJson);
        var layout = document.RootElement.GetProperty("layout");
        foreach (var axis in new[] { "xaxis", "xaxis2", "xaxis3", "xaxis4", "yaxis", "yaxis2", "yaxis3", "yaxis4" })
        {
            var domain = Numbers(layout.GetProperty(axis).GetProperty("domain"));
            Assert.InRange(domain[0]!.Value, -1e-9, domain[1]!.Value);
            Assert.InRange(domain[1]!.Value, 0, 1 + 1e-9);
        }

        Assert.True(Numbers(layout.GetProperty("xaxis").GetProperty("domain"))[1] < Numbers(layout.GetProperty("xaxis2").GetProperty("domain"))[0]);
        Assert.Equal(["x", "x2", "x3", "x4"], document.RootElement.GetProperty("data").EnumerateArray().Select(trace => trace.GetProperty("xaxis").GetString()).Distinct());
    }

    [Fact]
    public void Texts_cannot_smuggle_markup_into_plotly()
    {
        Assert.DoesNotContain("<b>\"", Examples.Strip().PlotlyJson, StringComparison.Ordinal);
        Assert.Contains("&lt;b>", Examples.Strip().PlotlyJson, StringComparison.Ordinal);
    }

    private static double?[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? (double?)null : item.GetDouble())];
}
