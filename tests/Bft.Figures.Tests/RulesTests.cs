using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Figures.Tests;

/// <summary>What a figure demands, and how it shows itself.</summary>
public class RulesTests
{
    [Fact]
    public void Everything_missing_is_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => Draw.Bars("", "set", "accuracy", " ", "", Examples.Values()));
        foreach (var expected in new[] { "needs a title.", "needs a caption", "needs an alternative text", "y axis", "'accuracy'", "unit in parentheses" })
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_of_different_units_or_lengths_are_refused()
    {
        var curves = Examples.Curves();
        var units = Assert.Throws<ArgumentException>(() => Draw.Lines("t", "c", "a", [curves[0], curves[1] with { YLabel = "accuracy (share)" }]));
        Assert.Contains("share the y axis", units.Message, StringComparison.Ordinal);
        var lengths = Assert.Throws<ArgumentException>(() => Draw.Lines("t", "c", "a", [curves[0] with { Y = [1] }]));
        Assert.Contains("Y has 1 values, X has 5", lengths.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_data_is_refused_with_the_reason()
    {
        Assert.Contains("expected one", Assert.Throws<ArgumentException>(() => Draw.Bars("t", "s", "y (1)", "c", "a", [.. Examples.Values(), .. Examples.Values()])).Message, StringComparison.Ordinal);
        Assert.Contains("low 2 above high 1", Assert.Throws<ArgumentException>(() => Draw.Bars("t", "s", "y (1)", "c", "a", [Measured.Of("x", "", 1, 2, 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("logarithmic", Assert.Throws<ArgumentException>(() => Draw.Forest("t", "x (1)", "c", "a", [Measured.Of("x", "", -1)], logScale: true)).Message, StringComparison.Ordinal);
        Assert.Contains("11 values for 12 tokens", Assert.Throws<ArgumentException>(() => Draw.ConfidenceTrace("t", "c", "a", Examples.Tokens, Examples.Confidence[1..])).Message, StringComparison.Ordinal);
        Assert.Contains("no finite value", Assert.Throws<ArgumentException>(() => Draw.Lines("t", "c", "a", [new Curve("x", "x (1)", "y (1)", [1, 2], [double.NaN, double.NaN])])).Message, StringComparison.Ordinal);
        Assert.Contains("infinite value", Assert.Throws<ArgumentException>(() => Draw.Bars("t", "s", "y (1)", "c", "a", [Measured.Of("x", "", double.PositiveInfinity), Measured.Of("y", "", 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("at least one token", Assert.Throws<ArgumentException>(() => Draw.ConfidenceTrace("t", "c", "a", [], [])).Message, StringComparison.Ordinal);
        Assert.Contains("expected 2", Assert.Throws<ArgumentException>(() => Draw.HeatMap("t", "x", "y (1)", "v (1)", "c", "a", ["1", "2"], ["1"], [[1, 2, 3]])).Message, StringComparison.Ordinal);
        Assert.Contains("at least one finite value", Assert.Throws<ArgumentException>(() => Draw.Histogram("t", "x (1)", "y (1)", "c", "a", [new Sample("s", [])])).Message, StringComparison.Ordinal);
        Assert.Contains("one colour scale", Assert.Throws<ArgumentException>(() => Draw.Grid("t", "c", "a", [Examples.HeatMap(), Examples.Strip()])).Message, StringComparison.Ordinal);
        Assert.Contains("fewer columns", Assert.Throws<ArgumentException>(() => Draw.Grid("t", "c", "a", [.. Enumerable.Range(0, 9).Select(_ => Examples.Forest())], columns: 9)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Methods_keep_their_colours_and_two_names_never_share_one()
    {
        static int[] Inks(params string[] names) => [.. names.Select(name => InksOf(names)[name])];
        Assert.Equal([-1, 0, 1, 2], Inks("base", "SFT", "DFT", "BFT v3"));
        Assert.Equal([2, 0], Inks("BFT v3, g 16", "SFT"));
        Assert.Equal([2, 1], Inks("BFT v3", "biomedical")[..1].Append(InksOf(["DFT"])["DFT"]));
        Assert.Equal(5, Inks("BFT v3, g 16", "BFT v3, g 256", "SFT", "general", "biomedical").Distinct().Count());

        static Dictionary<string, int> InksOf(string[] names) => Bft.Figures.Inks.assign(names).ToDictionary(entry => entry.Key, entry => entry.Value);
    }

    [Fact]
    public void Hosts_of_dotnet_interactive_find_the_forms_by_convention()
    {
        var figure = Examples.Bars();
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(Figure)));
        Assert.Equal(figure.Html, figure.ToDisplayString("text/html"));
        Assert.Equal(figure.PlotlyJson, figure.ToDisplayString(Figure.PlotlyMimeType));
        Assert.Equal(figure.Svg, figure.ToDisplayString("image/svg+xml"));
        Assert.Equal(figure.PlainText, figure.ToDisplayString("text/plain"));
    }

    [Fact]
    public void The_text_form_states_numbers_and_caption()
    {
        var text = Examples.Forest().PlainText;
        Assert.StartsWith("Dots\nodds ratio (ratio)\n", text, StringComparison.Ordinal);
        Assert.Contains("  second, a: 1.7 [1.2, 2.4]\n", text, StringComparison.Ordinal);
        Assert.Contains("  line at 1: none\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\nThey differ.", text, StringComparison.Ordinal);
    }
}
