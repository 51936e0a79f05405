namespace Bft.Research.Verification.Evaluation;

/// <summary>Kind <c>token-log-probs</c>: log-probability, entropy and rank of every token of a text under the real model.</summary>
internal sealed class TokenLogProbsRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "real-model", Kind: "token-log-probs" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var prefix = golden.Input("prefix_ids").Integers();
        var statistics = RealModel.Score(RealModel.Load(golden, context), [.. prefix, .. golden.Input("ids").Integers()]);
        double[] logProbs = statistics.LogProbs[(prefix.Length - 1)..], confidence = [.. logProbs.Select(Math.Exp)];
        compare.Numbers("log_probs", golden.Numbers(golden.Expect("log_probs")), logProbs);
        compare.Numbers("entropy", golden.Numbers(golden.Expect("entropy")), statistics.Entropies[(prefix.Length - 1)..]);
        CompareRanks(compare, golden.Numbers(golden.Expect("rank")), statistics.Ranks.AsSpan(prefix.Length - 1));
        compare.Number("mean_confidence", golden.Expect("mean_confidence").Number(), confidence.Average());
        compare.Number("mean_nll", golden.Expect("mean_nll").Number(), -logProbs.Average());
        compare.Number("fraction_below_0.1", golden.Expect("fraction_below_0.1").Number(), confidence.Average(c => c < 0.1 ? 1 : 0), compare.Tolerance.Or(new(1.0 / confidence.Length, 0)));
    }

    /// <summary>Far down the list logits lie closer together than float32 tells apart, so a rank may move by a thousandth of itself.</summary>
    private static void CompareRanks(Comparison compare, double[] expected, ReadOnlySpan<int> actual)
    {
        compare.Exact("rank: length", expected.Length, actual.Length);
        for (var i = 0; i < Math.Min(expected.Length, actual.Length); i++)
            compare.Exact($"rank[{i}] within a thousandth of {expected[i]}", true, Math.Abs(expected[i] - actual[i]) <= Math.Max(1e-3, compare.Tolerance.Relative) * expected[i] + (expected[i] > 100 ? 1 : 0));
    }
}
