using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>Runs of low confidence, and tokens as boxes.</summary>
public partial class TokenPlotsTests
{
    [Fact]
    public void Runs_are_the_maximal_stretches_below_the_threshold()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            double[] confidence = [.. Enumerable.Range(0, random.Next(0, 30)).Select(_ => random.NextDouble())];
            var expected = ByHand(confidence, 0.5, 2, strict: true);
            Assert.Equal(expected, TokenPlots.lowRuns(confidence, 0.5, 2).Select(run => (run.Item1, run.Item2)));
        }

        double[] onTheLine = [0.1, 0.5, 0.1, 0.9];
        Assert.NotEqual(ByHand(onTheLine, 0.5, 2, strict: false), TokenPlots.lowRuns(onTheLine, 0.5, 2).Select(run => (run.Item1, run.Item2)));
    }

    [Fact]
    public void Shades_cover_the_runs_and_nothing_else()
    {
        var shades = DrawnAxes.Class(XElement.Parse(Examples.Trace().Svg), "shade").Select(rect => (DrawnAxes.Number(rect, "x"), DrawnAxes.Number(rect, "width"))).ToList();
        Assert.Equal(2, shades.Count);
        Assert.Equal(4.0 / 3, shades[1].Item2 / shades[0].Item2, 0.01);
    }

    [Fact]
    public void Boxes_of_a_strip_do_not_overlap_and_keep_the_order_of_the_text()
    {
        var groups = DrawnAxes.Class(XElement.Parse(Examples.Strip().Svg), "strip").ToList();
        Assert.Equal(2, groups.Count);
        var boxes = Boxes(groups[0]).OrderBy(box => box.Top).ThenBy(box => box.Left).ToList();
        Assert.Equal(Examples.Tokens.Length, boxes.Count);
        Assert.All(boxes.Zip(boxes.Skip(1)), pair => Assert.True(pair.Second.Top > pair.First.Top + 1 || pair.Second.Left >= pair.First.Left + pair.First.Width - 0.1));
        Assert.True(boxes.Select(box => box.Top).Distinct().Count() > 2);
        Assert.Equal(string.Concat(Examples.Tokens.Select(token => TextMeasure.token(token).Trim())), Written(groups[0]).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Letters_stand_in_their_boxes_and_wide_ones_make_each_token_a_text()
    {
        string[] tokens = ["ab", " cd", "e"];
        var line = DrawnAxes.Class(XElement.Parse(Strip(tokens).Svg), "strip").Single();
        var text = Assert.Single(line.Descendants(), element => element.Name.LocalName == "text");
        Assert.Equal("ab\u00A0\u00A0cd\u00A0e", text.Value);
        var boxes = Boxes(line).OrderBy(box => box.Left).ToList();
        var column = DrawnAxes.Number(text, "textLength") / text.Value.Length;
        Assert.Equal(boxes[0].Left + column / 2, DrawnAxes.Number(text, "x"), 0.6);
        Assert.InRange(DrawnAxes.Number(text, "x") + 4 * column, boxes[1].Left, boxes[1].Left + boxes[1].Width - column);
        Assert.InRange(DrawnAxes.Number(text, "x") + 7 * column, boxes[2].Left, boxes[2].Left + boxes[2].Width - column);
        var wide = DrawnAxes.Class(XElement.Parse(Strip(["ab", "細胞", "e"]).Svg), "strip").Single();
        Assert.Equal(["ab", "細胞", "e"], wide.Descendants().Where(element => element.Name.LocalName == "text").Select(one => one.Value));
    }

    [Fact]
    public void A_token_longer_than_a_line_is_cut_and_says_so()
    {
        var figure = Draw.TokenStrip("t", "w (1)", "c", "a", [new string('x', 50), "y"], [new TokenWeights("SFT", [1, 2])], perLine: 20);
        Assert.Equal(new string('x', 18) + "… y", Written(DrawnAxes.Class(XElement.Parse(figure.Svg), "strip").Single()));
    }

    [Fact]
    public void Colours_of_a_strip_grow_darker_with_the_weight()
    {
        var groups = DrawnAxes.Class(XElement.Parse(Examples.Strip().Svg), "strip").ToList();
        double[] brightness = [.. Boxes(groups[1]).OrderBy(box => box.Top).ThenBy(box => box.Left).Select(box => Brightness(box.Color))];
        int[] byWeight = [.. Enumerable.Range(0, Examples.Confidence.Length).OrderBy(i => Examples.Confidence[i])];
        Assert.All(byWeight.Zip(byWeight.Skip(1)), pair => Assert.True(brightness[pair.First] >= brightness[pair.Second]));
        Assert.True(brightness[byWeight[0]] > brightness[byWeight[^1]] + 100);
    }

    [Fact]
    public void Tokens_that_xml_forbids_are_replaced_and_line_ends_shown()
    {
        var texts = XElement.Parse(Examples.Strip().Svg).Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).ToList();
        Assert.Contains(texts, text => text.Contains('⏎', StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains("<b>", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains('\ufffd', StringComparison.Ordinal));
        Assert.Equal("\U0001F9EC", TextMeasure.clean("\U0001F9EC"));
    }

    private static List<(int, int)> ByHand(double[] confidence, double threshold, int minimum, bool strict)
    {
        var runs = new List<(int, int)>();
        var start = -1;
        for (var i = 0; i <= confidence.Length; i++)
        {
            var low = i < confidence.Length && (strict ? confidence[i] < threshold : confidence[i] <= threshold);
            if (low && start < 0)
                start = i;
            if (!low && start >= 0)
            {
                if (i - start >= minimum)
                    runs.Add((start, i - 1));
                start = -1;
            }
        }

        return runs;
    }

    private static Figure Strip(string[] tokens) => Draw.TokenStrip("t", "w (1)", "c", "a", tokens, [new TokenWeights("SFT", [1, .. tokens[1..].Select(_ => 1.0)])], perLine: 20);

    /// <summary>The texts of a strip from top to bottom and left to right.</summary>
    private static string Written(XElement strip) => string.Join(' ', strip.Descendants().Where(element => element.Name.LocalName == "text")
        .OrderBy(text => DrawnAxes.Number(text, "y")).ThenBy(text => DrawnAxes.Number(text, "x")).Select(text => text.Value.Replace('\u00A0', ' ')));

    private static IEnumerable<(double Left, double Top, double Width, string Color)> Boxes(XElement strip) =>
        from path in strip.Descendants()
        where path.Name.LocalName == "path"
        from Match box in Box().Matches((string)path.Attribute("d")!)
        select (Number(box, 1), Number(box, 2), Number(box, 3), (string)path.Attribute("fill")!);

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"M([\d.]+) ([\d.]+)h([\d.]+)v")]
    private static partial Regex Box();

    private static double Brightness(string color) =>
        0.299 * Convert.ToInt32(color[1..3], 16) + 0.587 * Convert.ToInt32(color[3..5], 16) + 0.114 * Convert.ToInt32(color[5..7], 16);
}
