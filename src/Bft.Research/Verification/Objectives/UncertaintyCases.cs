using System.Text.Json;
using Bft.Research.Numerics;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>uncertainty</c>: low tokens, runs, windows and their groups.</summary>
internal sealed class UncertaintyCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "uncertainty";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var sequences = golden.Input("confidences").NumberRows();
        var threshold = golden.OptionalInput("threshold")?.Number()
            ?? Quantile.Of(sequences.SelectMany(s => s), golden.Input("threshold_quantile").Number());
        var tail = golden.Input("tail").Text() == "keep" ? WindowTail.Keep : WindowTail.Drop;
        int window = golden.Input("window").GetInt32(), stride = golden.Input("stride").GetInt32();
        List<UncertaintyWindow> windows = [.. sequences.SelectMany((s, i) => UncertaintyWindow.Cut(s, i, threshold, window, stride, tail))];
        var groups = Classify(golden, compare, windows);

        compare.Number("threshold", golden.Expect("threshold").Number(), threshold);
        var expectedSequences = golden.Expect("sequences").EnumerateArray().ToList();
        compare.Exact("number of sequences", expectedSequences.Count, sequences.Length);
        foreach (var (expected, i) in expectedSequences.Select((e, i) => (e, i)).Take(sequences.Length))
            CompareLow(compare, $"sequence {i}", expected, LowConfidence.Count(sequences[i], threshold));
        var expectedWindows = golden.Expect("windows").EnumerateArray().ToList();
        compare.Exact("number of windows", expectedWindows.Count, windows.Count);
        foreach (var (expected, i) in expectedWindows.Select((e, i) => (e, i)).Take(windows.Count))
        {
            CompareLow(compare, $"window {i}", expected, windows[i].Low);
            compare.Exact($"window {i} sequence", expected.GetProperty("sequence").GetInt32(), windows[i].Sequence);
            compare.Exact($"window {i} start", expected.GetProperty("start").GetInt32(), windows[i].Start);
            compare.Exact($"window {i} group", expected.GetProperty("group").Text(), Name(groups[i]));
        }

        foreach (var count in golden.Expect("group_counts").EnumerateObject())
            compare.Exact($"group {count.Name}", count.Value.GetInt32(), groups.Count(g => Name(g) == count.Name));
    }

    private static List<UncertaintyGroup> Classify(GoldenCase golden, Comparison compare, List<UncertaintyWindow> windows)
    {
        var rule = golden.Input("classification").Text();
        if (rule == "fixed")
            return [.. windows.Select(w => UncertaintyGroups.Fixed(w.Low))];
        if (windows.Count == 0)
            return [];
        var cuts = UncertaintyCuts.Of(windows.Select(w => w.Low));
        compare.Number("fraction_median", golden.Expect("fraction_median").Number(), cuts.FractionMedian);
        compare.Number("fraction_p90", golden.Expect("fraction_p90").Number(), cuts.Fraction90);
        compare.Number("run_median", golden.Expect("run_median").Number(), cuts.RunMedian);
        compare.Number("run_p90", golden.Expect("run_p90").Number(), cuts.Run90);
        return [.. windows.Select(w => cuts.Classify(w.Low, rule == "quantile-fraction-below-median"))];
    }

    private static void CompareLow(Comparison compare, string what, JsonElement expected, LowConfidence low)
    {
        compare.Exact($"{what} length", expected.GetProperty("length").GetInt32(), low.Length);
        compare.Exact($"{what} low_count", expected.GetProperty("low_count").GetInt32(), low.LowCount);
        compare.Number($"{what} fraction", expected.GetProperty("fraction").Number(), low.Fraction);
        compare.Exact($"{what} longest_run", expected.GetProperty("longest_run").GetInt32(), low.LongestRun);
    }

    private static string Name(UncertaintyGroup group) => group == UncertaintyGroup.None ? "none" : group.ToString();
}
