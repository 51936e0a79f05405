using System.Text.Json;
using Bft.Research.Experiments.Passages;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Uncertainty;

/// <summary>Kinds <c>e1-summary</c> and <c>e1-per-passage</c>: the uncertainty experiment from stored log-probabilities.</summary>
internal sealed class UncertaintyStudyCases : ICaseRunner
{
    private const string Tokenizer = "smollm2-135m-instruct";

    public bool Handles(GoldenCase golden) => golden.Kind is "e1-summary" or "e1-per-passage";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var passages = Scored(golden, context);
        if (golden.Kind == "e1-summary")
            Summary(golden, compare, passages);
        else
            PerPassage(golden, compare, passages);
    }

    /// <summary>The passages of a case with their stored log-probabilities.</summary>
    public static IReadOnlyList<ScoredPassage> Scored(GoldenCase golden, VerificationContext context)
    {
        var folder = context.Resolve(golden, Tokenizer);
        var tokenizer = context.Cached($"tokenizer {folder}", () => HfTokenizer.Load(folder));
        var file = context.Resolve(golden, golden.Input("passages_file").Text());
        var table = context.Cached($"passages {file}", () => PassageTable.Read(file, tokenizer));
        var logProbs = golden.Numbers(golden.Input("log_probs"));
        var lengths = golden.Numbers(golden.Input("lengths"));
        var scored = new List<ScoredPassage>();
        var next = 0;
        for (var i = 0; i < table.Count; i++)
        {
            var length = (int)lengths[i];
            scored.Add(new(table[i].Passage, logProbs[next..(next + length)], table[i].Spans));
            next += length;
        }

        return scored;
    }

    private static void PerPassage(GoldenCase golden, Comparison compare, IReadOnlyList<ScoredPassage> passages)
    {
        var columns = golden.Expect("columns").Strings();
        var rows = golden.Expect("rows").NumberRows();
        compare.Exact("number of passages", rows.Length, passages.Count);
        for (var i = 0; i < Math.Min(rows.Length, passages.Count); i++)
            compare.Numbers(passages[i].Passage.Id, rows[i], [.. columns.Select(column => Column(passages[i], column))]);
    }

    private static double Column(ScoredPassage passage, string column)
    {
        var parts = column.Split('_');
        double Argument() => double.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture);
        return column switch
        {
            "mean_confidence" => passage.Confidences.Average(),
            _ when column.StartsWith("below_", StringComparison.Ordinal) => LowConfidence.Count(passage.Confidences, Argument()).Fraction,
            _ when column.StartsWith("longest_", StringComparison.Ordinal) => LowRuns.Of(passage.Confidences, Argument()).Longest,
            _ when column.StartsWith("runs_", StringComparison.Ordinal) => LowRuns.Of(passage.Confidences, Argument()).Runs.Count,
            _ when column.StartsWith("v3_pconf_", StringComparison.Ordinal) => new WindowConfidence(passage, (int)Argument()).Lowest,
            _ when column.StartsWith("v3_w_", StringComparison.Ordinal) => new WindowConfidence(passage, (int)Argument()).Weights.Average(),
            _ when column.StartsWith("v1_pconf_", StringComparison.Ordinal) => Math.Exp(ConfidenceWindows.LowestFullMean(passage.LogProbs, (int)Argument())),
            _ => throw new FormatException($"column '{column}' is not known."),
        };
    }

    private static void Summary(GoldenCase golden, Comparison compare, IReadOnlyList<ScoredPassage> passages)
    {
        var study = new UncertaintyStudy(passages, new()
        {
            Resamples = golden.Input("resamples").GetInt32(),
            Epsilon = golden.Input("eps").GetDouble(),
        });
        foreach (var threshold in golden.Expect("thresholds").EnumerateObject())
            compare.Number(threshold.Name, threshold.Value.Number(), study.OwnThresholds[threshold.Name.Split('_')[0]]);
        foreach (var cuts in golden.Expect("quantile_cuts").EnumerateObject())
        {
            var ours = study.Cuts(int.Parse(cuts.Name[1..].Split('_')[0], System.Globalization.CultureInfo.InvariantCulture));
            compare.Number($"{cuts.Name} fraction_p90", cuts.Value.GetProperty("fraction_p90").Number(), ours.Fraction90);
            compare.Number($"{cuts.Name} run_p90", cuts.Value.GetProperty("run_p90").Number(), ours.Run90);
            compare.Number($"{cuts.Name} run_median", cuts.Value.GetProperty("run_median").Number(), ours.RunMedian);
        }

        var sets = golden.Expect("sets").EnumerateObject().ToDictionary(
            set => set.Name, set => study.Summarize(Set(passages, set.Name), set.Value.GetProperty("seed").GetUInt64()));
        foreach (var set in golden.Expect("sets").EnumerateObject())
        {
            compare.Exact($"{set.Name} passages", set.Value.GetProperty("passages").GetInt32(), sets[set.Name].Passages);
            compare.Exact($"{set.Name} tokens", set.Value.GetProperty("tokens").GetInt32(), sets[set.Name].Tokens);
            CompareAll(compare, set.Name, set.Value.GetProperty("statistics"), sets[set.Name].Statistics);
        }

        foreach (var difference in golden.Expected.EnumerateObject().Where(field => field.Name.Contains("_minus_", StringComparison.Ordinal)))
        {
            var names = difference.Name.Split("_minus_");
            CompareAll(compare, difference.Name, difference.Value, sets[names[0]].Minus(sets[names[1]]));
        }

        foreach (var source in golden.Expect("enrichment").EnumerateObject())
            CompareEnrichment(compare, source, study.Enrichment(Set(passages, source.Name), source.Value.GetProperty("seed").GetUInt64()));
    }

    private static List<ScoredPassage> Set(IReadOnlyList<ScoredPassage> passages, string name) => name == "abstracts"
        ? [.. passages.Where(p => p.Passage.Source is "ncbi_disease" or "pubmedqa")]
        : [.. passages.Where(p => p.Passage.Domain == name || p.Passage.Source == name)];

    private static void CompareAll(Comparison compare, string set, JsonElement expected, IReadOnlyDictionary<string, Estimate> actual)
    {
        foreach (var statistic in expected.EnumerateObject())
        {
            if (!actual.TryGetValue(statistic.Name, out var ours))
                compare.Fail($"{set} {statistic.Name}: not measured");
            else
                CompareEstimate(compare, $"{set} {statistic.Name}", statistic.Value, statistic.Value.GetProperty("value"), ours);
        }
    }

    private static void CompareEnrichment(Comparison compare, JsonProperty source, EntityEnrichment ours)
    {
        foreach (var field in source.Value.EnumerateObject())
        {
            var what = $"{source.Name} {field.Name}";
            if (field.Name == "passages")
                compare.Exact(what, field.Value.GetInt32(), ours.Passages);
            else if (field.Name == "entity_token_share")
                compare.Number(what, field.Value.Number(), ours.EntityShare);
            else if (ours.Tables.TryGetValue(field.Name, out var table))
                CompareTable(compare, what, field.Value, table);
            else if (ours.Groups.TryGetValue(field.Name, out var group))
                CompareGroup(compare, what, field.Value, group);
            else if (field.Name != "seed")
                compare.Fail($"{what}: not measured");
        }
    }

    private static void CompareTable(Comparison compare, string what, JsonElement expected, EnrichmentTable ours)
    {
        compare.ExactSequence($"{what} table", expected.GetProperty("table").Integers(), ours.Counts);
        CompareEstimate(compare, what, expected, expected.GetProperty("odds_ratio"), ours.OddsRatio);
        if (expected.TryGetProperty("rate_low_in_flagged", out var flagged))
            compare.Number($"{what} rate_low_in_flagged", flagged.Number(), ours.RateFlagged);
        if (expected.TryGetProperty("rate_low_in_other", out var other))
            compare.Number($"{what} rate_low_in_other", other.Number(), ours.RateOther);
    }

    private static void CompareGroup(Comparison compare, string what, JsonElement expected, GroupEntities ours)
    {
        compare.Exact($"{what} windows_tokens", expected.GetProperty("windows_tokens").GetInt64(), ours.Tokens);
        compare.Number($"{what} causal_share", expected.GetProperty("causal_share").Number(), ours.CausalShare);
        CompareEstimate(compare, what, expected, expected.GetProperty("value"), ours.EntityShare);
    }

    private static void CompareEstimate(Comparison compare, string what, JsonElement expected, JsonElement value, Estimate ours)
    {
        compare.Number(what, value.Number(), ours.Value);
        compare.Numbers($"{what} interval", expected.GetProperty("ci95"), [ours.Low, ours.High]);
    }
}
