using Bft.Research.Uncertainty;

namespace Bft.Research.Evaluation;

/// <summary>A model on rows, with 95 % intervals from drawing whole rows again.</summary>
/// <param name="Rows">Rows, or texts.</param>
/// <param name="Tokens">Supervised tokens.</param>
/// <param name="Nll">Mean −log p over tokens (nats).</param>
/// <param name="Perplexity">exp of it.</param>
/// <param name="Accuracy">Part of tokens that are the most probable ones.</param>
/// <param name="MeanConfidence">Mean p over tokens.</param>
/// <param name="LowestWindow">Mean over rows of the smallest window mean of p.</param>
public sealed record RowSummary(int Rows, long Tokens, Estimate Nll, Estimate Perplexity, Estimate Accuracy, Estimate MeanConfidence, Estimate LowestWindow)
{
    private const double Level = 0.95;

    /// <summary>Sums up rows.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="resamples">How often rows are drawn again.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="InvalidDataException">There is no row.</exception>
    public static RowSummary Of(IReadOnlyList<RowMeasures> rows, int resamples = 1000, ulong seed = 0)
    {
        if (rows.Count == 0)
            throw new InvalidDataException("There is nothing to evaluate: no supervised token.");
        var sums = new PassageBootstrap([.. rows.Select(row => (double[])[1, row.Tokens, row.Nll, row.Right, row.Confidence, row.LowestWindow])], seed, resamples);
        Estimate Of(Func<double[], double> statistic)
        {
            var (value, drawn) = sums.Of(statistic);
            return Estimate.Percentile(value, drawn, Level);
        }

        return new(
            rows.Count, rows.Sum(row => row.Tokens), Of(s => s[2] / s[1]), Of(s => Math.Exp(s[2] / s[1])), Of(s => s[3] / s[1]), Of(s => s[4] / s[1]), Of(s => s[5] / s[0]));
    }
}
