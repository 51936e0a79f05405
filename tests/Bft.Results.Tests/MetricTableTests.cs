using System.Xml.Linq;

namespace Bft.Results.Tests;

/// <summary>Metric tables, the registry and published values.</summary>
public class MetricTableTests
{
    private static MetricTable Example() => MetricTable.Of(
        "Confidence & runs",
        new MetricRow("biomedical", Metrics.MeanConfidence.Of(0.306, 300, "passages", new Interval(0.300, 0.312))),
        new MetricRow("GPT-4 | a", Metrics.RougeL.Of(0.25, 56, "sets"), PublishedValues.Find("gene-set-naming-msigdb", "GPT-4", "rouge-l")));

    [Fact]
    public void Text_lines_up_and_says_what_is_not_known()
    {
        var lines = Example().ToText().TrimEnd().Split('\n');
        Assert.Equal("Confidence & runs", lines[0]);
        Assert.Matches("^Metric +Of +Ours +95 % interval +N +Published  Source$", lines[1]);
        Assert.Matches(@"^Mean confidence  biomedical +0\.306  \[0\.300, 0\.312\]  300 passages +not known$", lines[3]);
        Assert.Matches(@"0\.25 +none +56 sets  0\.239 ± 0\.038  GeneAgent", lines[4]);
        Assert.Equal(lines[1].IndexOf("Source", StringComparison.Ordinal), lines[4].IndexOf("GeneAgent,", StringComparison.Ordinal));
    }

    [Fact]
    public void Markdown_escapes_pipes()
    {
        var lines = Example().ToMarkdown().Split('\n');
        Assert.Equal("**Confidence & runs**", lines[0]);
        Assert.Contains(@"GPT-4 \| a", lines[5], StringComparison.Ordinal);
        Assert.Equal(7, lines[3].Count(character => character == '-') / 3);
    }

    [Fact]
    public void Html_is_well_formed_and_escaped()
    {
        var table = XElement.Parse(Example().ToHtml());
        Assert.Equal("Confidence & runs", table.Element("caption")!.Value);
        Assert.Equal(["Mean confidence", "biomedical", "0.306", "[0.300,\u00A00.312]", "300\u00A0passages", "not\u00A0known", ""],
            table.Element("tbody")!.Elements("tr").First().Elements("td").Select(cell => cell.Value));
    }

    [Fact]
    public void Without_published_values_the_heading_says_so_once()
    {
        var table = MetricTable.Of("t", new MetricRow("x", Metrics.Accuracy.Of(0.5, 4)));
        var lines = table.ToText().TrimEnd().Split('\n');
        Assert.Equal("t. Published values: not known.", lines[0]);
        Assert.Matches("^Metric +Of +Ours +Interval +N$", lines[1]);
        Assert.Contains("<caption>t. Published values: not known.</caption>", table.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("not known", string.Join('\n', lines[1..]), StringComparison.Ordinal);
        var known = MetricTable.Of("t", new MetricRow("x", Metrics.RougeL.Of(0.25, 56, "sets"), PublishedValues.Find("gene-set-naming-msigdb", "GPT-4", "rouge-l")));
        Assert.StartsWith("t\n", known.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_all_rows_share_is_said_once_and_what_they_do_not_stays_with_each()
    {
        static MetricRow Row(string subject, int n) => new(subject, Metrics.Accuracy.Of(0.5, n, "rows"));
        var lines = MetricTable.Of("Held out", Row("sft: taught, all tokens", 4), Row("dft − sft: taught, all tokens", 4)).ToText().TrimEnd().Split('\n');
        Assert.Equal("Held out; taught, all tokens. Each number is of 4 rows. Published values: not known.", lines[0]);
        Assert.Matches("^Metric +Of +Ours +Interval$", lines[1]);
        Assert.Matches("^Accuracy  dft − sft +0.5 +none$", lines[4]);
        Assert.StartsWith("taught, all tokens: x. Each", MetricTable.Of("taught, all tokens: x", Row("sft: taught, all tokens", 4), Row("dft: taught, all tokens", 4)).ToText(), StringComparison.Ordinal);

        var different = MetricTable.Of("Held out", Row("sft: taught, all tokens", 4), Row("sft: known, all tokens", 5)).ToText().TrimEnd().Split('\n');
        Assert.Equal("Held out. Published values: not known.", different[0]);
        Assert.Matches("^Accuracy  sft: known, all tokens +0.5 +none +5 rows$", different[4]);
        Assert.Matches("Of  +Ours.* N$", MetricTable.Of("t", Row("sft: taught", 4), Row("dft", 5)).ToText().Split('\n')[1]);
    }

    [Fact]
    public void Json_comes_back_and_a_missing_or_unknown_field_is_named()
    {
        var json = Example().ToJson();
        Assert.Equal(json, MetricTable.Parse(json).ToJson());
        var missing = Assert.Throws<ResultsFormatException>(() => MetricTable.Parse(json.Replace("\"value\":0.306,", "", StringComparison.Ordinal), "t.json"));
        Assert.Contains("t.json: $.rows[0].ours", missing.Message, StringComparison.Ordinal);
        Assert.Contains("value", missing.Message, StringComparison.Ordinal);
        var unknown = Assert.Throws<ResultsFormatException>(() => MetricTable.Parse(json.Replace("\"n\":300", "\"m\":300", StringComparison.Ordinal), "t.json"));
        Assert.Contains("'m'", unknown.Message, StringComparison.Ordinal);
        var schema = Assert.Throws<ResultsFormatException>(() => MetricTable.Parse(json.Replace("bft-metrics-1", "bft-metrics-0", StringComparison.Ordinal), "t.json"));
        Assert.Equal("t.json: $.schema: expected 'bft-metrics-1', found 'bft-metrics-0'.", schema.Message);
        var swapped = json.Replace("\"low\":0.3,", "\"low\":0.9,", StringComparison.Ordinal);
        Assert.NotEqual(json, swapped);
        Assert.Contains("low ≤ high", Assert.Throws<ResultsFormatException>(() => MetricTable.Parse(swapped, "t.json")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ends_that_are_not_numbers_are_no_interval()
    {
        Assert.Null(Metrics.OddsRatio.Of(double.NaN, double.NaN, double.NaN, 3, "texts").Interval);
        Assert.Equal(new Interval(0.5, 2), Metrics.OddsRatio.Of(1, 0.5, 2, 3, "texts").Interval);
        Assert.Throws<ArgumentException>(() => Metrics.OddsRatio.Of(1, 2, 0.5, 3, "texts"));
    }

    [Fact]
    public void An_unregistered_metric_is_refused()
    {
        var table = MetricTable.Of("t", new MetricRow("x", new MetricValue("acuracy", 1, 1)));
        Assert.Contains("No metric is called 'acuracy'", Assert.Throws<KeyNotFoundException>(table.ToText).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_metric_is_registered_once_and_fully_described()
    {
        var declared = typeof(Metrics).GetProperties().Where(property => property.PropertyType == typeof(Metric)).Select(property => (Metric)property.GetValue(null)!).ToList();
        Assert.Equal(declared, Metrics.All);
        Assert.Equal(declared.Count, declared.Select(metric => metric.Id).Distinct().Count());
        Assert.All(declared, metric =>
        {
            Assert.Matches("^[a-z0-9-]+$", metric.Id);
            Assert.EndsWith(".", metric.Definition, StringComparison.Ordinal);
            Assert.NotEmpty(metric.Unit);
            Assert.Same(metric, Metrics.Get(metric.Id));
        });
    }

    [Fact]
    public void Published_values_name_metric_and_source_and_none_is_of_the_paper_itself()
    {
        Assert.All(PublishedValues.All, entry =>
        {
            Assert.NotNull(Metrics.Get(entry.Metric));
            Assert.NotEmpty(entry.Source);
        });
        Assert.All(PublishedValues.All.Where(entry => entry.System.StartsWith("BFT", StringComparison.Ordinal)), entry => Assert.Equal("not known", entry.ToString()));
        Assert.Equal(0.9398, PublishedValues.Find("healthbench-consensus", "GPT-4.1", "healthbench").Value);
        Assert.Null(PublishedValues.Find("healthbench-consensus", "BFT-70B", "healthbench").Value);
        Assert.Equal(PublishedValues.All.Count, PublishedValues.All.Select(entry => (entry.Experiment, entry.System, entry.Metric)).Distinct().Count());
        Assert.Contains("Known:", Assert.Throws<KeyNotFoundException>(() => PublishedClaims.Get("x")).Message, StringComparison.Ordinal);
    }
}
