using Bft.Research.Numerics;
using Bft.Research.Uncertainty;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Uncertainty;

public class UncertaintyStudyTests
{
    private static readonly UncertaintyStudyOptions s_options = new() { Windows = [4], EntityWindow = 4, Resamples = 50, Domains = ["a"] };

    /// <summary>Tokens are the words of a text with the space before them.</summary>
    private static ScoredPassage Scored(string text, double[] confidences, params TextSpan[] entities)
    {
        List<TextSpan> tokens = [];
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf(' ', start + 1);
            tokens.Add(new(start, end < 0 ? text.Length : end));
            start = end < 0 ? text.Length : end;
        }

        return new(new() { Id = text, Source = "s", Domain = "a", Text = text, Entities = entities }, [.. confidences.Select(c => Math.Log(c))], tokens);
    }

    [Fact]
    public void The_uncertainty_experiment_agrees_from_stored_log_probabilities()
    {
        var folder = SharedFolder.Require("golden", "real-model");
        SharedFolder.Require("data", "models", "smollm2-135m-instruct");
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(folder, context, golden => golden.Kind is "e1-per-passage" or "e1-summary" or "objectives-on-log-probs").ToList();
        Assert.Equal(3, outcomes.Count);
        Assert.Empty(outcomes.Where(o => !o.Passed).Select(o => $"{o.Case.Id}: {string.Join("; ", o.Mismatches)}"));
    }

    [Fact]
    public void Clustering_is_1_for_a_random_order_and_above_for_neighbours()
    {
        var together = LowRuns.Of([.01, .01, .01, .9, .9, .9], .1);
        Assert.Equal((3, 3, 2, 1.0), (together.LowCount, together.Longest, together.Pairs, together.ExpectedPairs));
        var apart = LowRuns.Of([.01, .9, .01, .9, .01, .9], .1);
        Assert.Equal((3, 1, 0, 1.0), (apart.LowCount, apart.Longest, apart.Pairs, apart.ExpectedPairs));

        var random = new Random(5);
        double pairs = 0, expected = 0, wrong = 0;
        for (var i = 0; i < 4000; i++)
        {
            var confidences = Enumerable.Repeat(.01, 5).Concat(Enumerable.Repeat(.9, 7)).ToArray();
            random.Shuffle(confidences);
            var runs = LowRuns.Of(confidences, .1);
            pairs += runs.Pairs;
            expected += runs.ExpectedPairs;
            wrong += (double)runs.LowCount * runs.LowCount / runs.Length; // the wrong variant: drawn with replacement
        }

        Assert.Equal(1, pairs / expected, 0.03);
        Assert.NotEqual(1, pairs / wrong, 0.03);
    }

    [Fact]
    public void First_mentions_are_told_from_repeated_ones_whatever_the_case()
    {
        var passage = Scored("Gene leads to gene", [.05, .5, .5, .9], new TextSpan(0, 4), new TextSpan(14, 18));
        Assert.Equal([EntityMention.First, EntityMention.None, EntityMention.None, EntityMention.Repeated], passage.Entities);
        Assert.Equal([false, true, true, false], passage.Causal);
    }

    [Fact]
    public void Offsets_count_code_points_and_not_utf_16()
    {
        var text = "\U0001d6fc-syn due to";
        var passage = new ScoredPassage(new() { Id = "x", Source = "s", Domain = "a", Text = text }, new double[4], [new(0, 1), new(1, 5), new(5, 9), new(9, 12)]);
        Assert.Equal([false, false, true, true], passage.Causal);
        Assert.Equal([true, false, true, true], passage.OpensWord);
        Assert.Equal(12, passage.Characters);
        Assert.NotEqual(text.Length, passage.Characters); // the wrong variant: UTF-16 units
    }

    [Fact]
    public void A_word_is_as_confident_as_the_product_of_its_pieces()
    {
        var passage = new ScoredPassage(
            new() { Id = "x", Source = "s", Domain = "a", Text = "abcd ef" }, [Math.Log(.5), Math.Log(.4), Math.Log(.9)], [new(0, 2), new(2, 4), new(4, 7)]);
        Assert.Equal([.2, .9], passage.WordConfidences, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([true, false, true], passage.OpensWord);
    }

    [Fact]
    public void Summaries_carry_value_and_interval_and_differences_pair_resamples()
    {
        ScoredPassage[] passages = [Scored("a b c d e", [.01, .02, .9, .5, .8]), Scored("a b c", [.2, .1, .05]), Scored("a b c d", [.9, .9, .9, .9])];
        var study = new UncertaintyStudy(passages, s_options);
        var summary = study.Summarize(passages, 7);
        Assert.Equal((3, 12), (summary.Passages, summary.Tokens));
        var mean = summary.Statistics["mean_confidence"];
        Assert.Equal(passages.Average(p => p.Confidences.Average()), mean.Value, 1e-12);
        Assert.NotEqual(passages.SelectMany(p => p.Confidences).Average(), mean.Value, 1e-3); // the wrong variant: a mean over tokens
        Assert.True(mean.Low < mean.Value && mean.Value < mean.High);
        Assert.All(summary.Minus(summary).Values, d => Assert.True(double.IsNaN(d.Value) || d is { Value: 0, Low: 0, High: 0 }));
        Assert.NotEqual(0, summary.Minus(study.Summarize(passages, 8)).Values.First().Low);
    }

    [Fact]
    public void A_statistic_that_is_nowhere_defined_is_nan_and_not_0()
    {
        var sure = Scored("a b c", [.9, .9, .9]);
        var study = new UncertaintyStudy([sure], s_options);
        Assert.True(double.IsNaN(study.Summarize([sure], 1).Statistics["clustering_0.1"].Value));
        Assert.True(double.IsNaN(study.Enrichment([sure], 1).Groups["entity_share_in_groupB_fixed_g4"].EntityShare.Low));
    }

    [Fact]
    public void Draws_are_those_of_SplitMix64()
    {
        Assert.Equal(0xE220A8397B1DCDAFul, SplitMix64.At(0, 0));
        Assert.Equal(0x6E789E6AA1B965F4ul, SplitMix64.At(0, 1));
        Assert.NotEqual(SplitMix64.At(0, 1), SplitMix64.At(1, 0));
        Assert.Equal((int)((SplitMix64.At(3, 9) >> 32) * 10 >> 32), SplitMix64.Index(3, 9, 10));
    }

    [Fact]
    public void Problems_name_option_and_domain()
    {
        var message = Assert.Throws<ArgumentException>(() => new UncertaintyStudy([], new() { Resamples = 0, Windows = [1] })).Message;
        foreach (var part in new[] { "Resamples", "Windows", "'biomedical'", "'general'" })
            Assert.Contains(part, message);
    }
}
