using System.Buffers;
using Bft.Research.Uncertainty;

namespace Bft.Research.Objectives;

/// <summary>BFT (arXiv 2511.21075): L = (1/B) Σ_b s_b · Σ_t w_t · −log p_t / (n_b + ε), with s and w constant for the gradient.</summary>
/// <remarks>
/// v1 as released: w = c, p_conf = exp of the lowest full-window mean of log c, s = 1 − p_conf^γ (computed as −expm1, which keeps its digits near p_conf = 1).
/// v1 of the paper: w = c, p_conf = lowest full-window mean of c, s = 1 − p_conf.
/// v3: w = min(1, c/(C + ε)) with C the centred window mean of c, p_conf = lowest C, s = 1 − p_conf. v3 has never been released; its formula is that of the paper's
/// later descriptions (equations 20 to 24 of PertMind, arXiv 2608.16419).
/// p_conf is clamped to [0, 1]. A sample without tokens has p_conf 0 and s 1, as in the released code.
/// </remarks>
/// <param name="options">Version, window, stabiliser, exponent, ablation, reduction.</param>
public sealed class BalancedFineTuning(ObjectiveOptions options) : WeightedObjective(options, NameOf(options.Kind), Reduction.PerSequence)
{
    private protected override bool HasWindows => true;

    private protected override (double Lowest, double SequenceWeight) WeighSample(
        ReadOnlySpan<double> logProbs, ReadOnlySpan<int> turns, Span<double> weights)
    {
        if (logProbs.IsEmpty)
            return (0, 1);
        var lowest = double.PositiveInfinity;
        foreach (var turn in Segments(logProbs.Length, turns))
            lowest = Math.Min(lowest, WeighSegment(logProbs[turn], weights[turn]));
        if (Options.Ablation == Ablation.SequenceOnly)
            weights.Fill(1);

        var (confidence, weight) = Options.Kind == ObjectiveKind.BftV1Code
            ? (Math.Exp(Math.Min(0, lowest)), OneMinusExp(Options.Gamma * Math.Min(0, lowest)))
            : (Math.Clamp(lowest, 0, 1), 1 - Math.Clamp(lowest, 0, 1));
        return (confidence, Options.Ablation == Ablation.TokenOnly ? 1 : weight);
    }

    /// <summary>Writes the token weights of one run of tokens that share windows; answers the lowest window mean, of log c for the released v1, of c otherwise.</summary>
    private double WeighSegment(ReadOnlySpan<double> logProbs, Span<double> weights)
    {
        for (var t = 0; t < weights.Length; t++)
            weights[t] = Math.Exp(logProbs[t]);
        if (Options.Kind == ObjectiveKind.BftV1Code)
            return ConfidenceWindows.LowestFullMean(logProbs, Options.ConfidenceWindow);
        if (Options.Kind == ObjectiveKind.BftV1Paper)
            return ConfidenceWindows.LowestFullMean(weights, Options.ConfidenceWindow);

        var rented = ArrayPool<double>.Shared.Rent(weights.Length);
        var means = rented.AsSpan(0, weights.Length);
        ConfidenceWindows.CentredMeans(weights, Options.ConfidenceWindow, Options.WindowAlignment, means);
        var lowest = double.PositiveInfinity;
        for (var t = 0; t < weights.Length; t++)
        {
            weights[t] = WindowConfidence.Weight(weights[t], means[t], Options.Epsilon, Options.RelativeEpsilon);
            lowest = Math.Min(lowest, means[t]);
        }

        ArrayPool<double>.Shared.Return(rented);
        return lowest;
    }

    private List<Range> Segments(int length, ReadOnlySpan<int> turns)
    {
        var segments = new List<Range>(1);
        var start = 0;
        if (Options.WindowScope == WindowScope.Turn)
            for (var t = 1; t < length; t++)
                if (turns[t] != turns[t - 1])
                {
                    segments.Add(start..t);
                    start = t;
                }

        segments.Add(start..length);
        return segments;
    }

    /// <summary>1 − eˣ for x ≤ 0 to full relative accuracy: −2 · sinh(x/2) · e^(x/2). (<see cref="double.ExpM1"/> loses digits near 0.)</summary>
    private static double OneMinusExp(double x) => x < -40 ? 1 : -2 * Math.Sinh(x / 2) * Math.Exp(x / 2);

    private static string NameOf(ObjectiveKind kind) => kind switch
    {
        ObjectiveKind.BftV1Code => "bft-v1-code",
        ObjectiveKind.BftV1Paper => "bft-v1-paper",
        ObjectiveKind.BftV3 => "bft-v3",
        _ => throw new ArgumentException($"{nameof(ObjectiveOptions.Kind)}: {kind} is not a version of BFT."),
    };
}
