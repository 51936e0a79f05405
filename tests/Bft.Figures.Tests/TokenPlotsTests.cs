using System.Xml.Linq;

namespace Bft.Figures.Tests;

/// <summary>Runs of low confidence, and tokens as boxes.</summary>
public class TokenPlotsTests
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
        var boxes = groups[0].Descendants().Where(element => element.Name.LocalName == "rect")
            .Select(rect => (Left: DrawnAxes.Number(rect, "x"), Top: DrawnAxes.Number(rect, "y"), Width: DrawnAxes.Number(rect, "width"))).ToList();
        Assert.Equal(Examples.Tokens.Length, boxes.Count);
        Assert.All(boxes.Zip(boxes.Skip(1)), pair => Assert.True(pair.Second.Top > pair.First.Top + 1 || pair.Second.Left >= pair.First.Left + pair.First.Width - 0.02));
        Assert.True(boxes.Select(box => box.Top).Distinct().Count() > 2);
    }

    [Fact]
    public void A_token_longer_than_a_line_is_cut_and_says_so()
    {
        var figure = Draw.TokenStrip("t", "w (1)", "c", "a", [new string('x', 50), "y"], [new TokenWeights("SFT", [1, 2])], perLine: 20);
        var texts = DrawnAxes.Class(XElement.Parse(figure.Svg), "strip").Single().Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value);
        Assert.Equal([new string('x', 18) + "…", "y"], texts);
    }

    [Fact]
    public void Colours_of_a_strip_grow_darker_with_the_weight()
    {
        var groups = DrawnAxes.Class(XElement.Parse(Examples.Strip().Svg), "strip").ToList();
        double[] brightness = [.. groups[1].Descendants().Where(element => element.Name.LocalName == "rect").Select(rect => Brightness((string)rect.Attribute("fill")!))];
        int[] byWeight = [.. Enumerable.Range(0, Examples.Confidence.Length).OrderBy(i => Examples.Confidence[i])];
        Assert.All(byWeight.Zip(byWeight.Skip(1)), pair => Assert.True(brightness[pair.First] >= brightness[pair.Second]));
        Assert.True(brightness[byWeight[0]] > brightness[byWeight[^1]] + 100);
    }

    [Fact]
    public void Tokens_that_xml_forbids_are_replaced_and_line_ends_shown()
    {
        var texts = XElement.Parse(Examples.Strip().Svg).Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).ToList();
        Assert.Contains("⏎", texts);
        Assert.Contains(" <b>", texts);
        Assert.Contains("\ufffd", texts);
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

    private static double Brightness(string color) =>
        0.299 * Convert.ToInt32(color[1..3], 16) + 0.587 * Convert.ToInt32(color[3..5], 16) + 0.114 * Convert.ToInt32(color[5..7], 16);
}
