using System.Text.Json;
using Bft.Results;
using Bft.Tests;

namespace Bft.Research.Tests.Experiments;

/// <summary>The committed run of notebook 01 at laptop scale against the reference statistics of the same passages and model.</summary>
public class LaptopRunTests
{
    private static readonly Dictionary<string, (string Statistic, double Tolerance)> s_statistics = new()
    {
        // A token near the threshold may change sides between float32 and the float64 reference; in 110 passages it moves a mean longest run by up to 0.02.
        [Metrics.MeanConfidence.Id] = ("mean_confidence", 1e-3),
        [Metrics.Nll.Id] = ("mean_nll", 1e-3),
        [Metrics.LowShare.Id] = ("below_0.1", 1e-3),
        [Metrics.MeanRun.Id] = ("mean_run_0.1", 2e-3),
        [Metrics.LongestRun.Id] = ("longest_run_0.1", 2e-2),
        [Metrics.Clustering.Id] = ("clustering_0.1", 2e-3),
        [Metrics.GroupBShare.Id] = ("groupB_fixed_g64_0.1", 2e-3),
        [Metrics.LowestWindow.Id] = ("v3_pconf_64", 1e-3),
        [Metrics.MeanWeight.Id] = ("v3_w_64", 1e-3),
    };

    [Fact]
    public void Statistics_and_intervals_are_the_references()
    {
        var (run, sets) = Read();
        var rows = run.Metrics.Where(row => sets.TryGetProperty(row.Subject, out _) && s_statistics.ContainsKey(row.Ours.Metric)).ToList();
        Assert.Equal(9 * s_statistics.Count, rows.Count); // two domains, seven sources
        Assert.All(rows, row => Assert.True(Deviation(row, sets.GetProperty(row.Subject)) <= s_statistics[row.Ours.Metric].Tolerance, $"{row}"));
    }

    [Fact]
    public void Another_sets_statistics_are_noticed()
    {
        var (run, sets) = Read();
        var row = run.Metrics.First(row => row.Subject == "biomedical" && row.Ours.Metric == Metrics.MeanConfidence.Id);
        Assert.True(Deviation(row, sets.GetProperty("general")) > 10 * s_statistics[row.Ours.Metric].Tolerance);
    }

    private static (RunManifest Run, JsonElement Sets) Read()
    {
        using var reference = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("golden", "real-model", "e1.json")));
        var summary = reference.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("kind").GetString() == "e1-summary");
        return (RunManifest.Read(Path.Combine(Checkout.Root, "notebooks", "results", "01-uncertainty-laptop.json")), summary.GetProperty("expected").GetProperty("sets").Clone());
    }

    /// <summary>Largest distance of value and interval ends.</summary>
    private static double Deviation(MetricRow row, JsonElement set)
    {
        var reference = set.GetProperty("statistics").GetProperty(s_statistics[row.Ours.Metric].Statistic);
        var interval = reference.GetProperty("ci95");
        return new[]
        {
            row.Ours.Value - reference.GetProperty("value").GetDouble(), row.Ours.Interval!.Low - interval[0].GetDouble(), row.Ours.Interval.High - interval[1].GetDouble(),
        }.Max(Math.Abs);
    }
}
