using Bft.Results;

namespace Bft.Research.Experiments;

/// <summary>Which tokens of a probe are looked at.</summary>
public enum ProbeSubset
{
    /// <summary>All supervised tokens.</summary>
    All,

    /// <summary>Tokens whose confidence lay below the threshold before training; the same tokens for every arm.</summary>
    LowBefore,

    /// <summary>Multiple-choice questions, one a row: the options are compared by their likelihood.</summary>
    Questions,
}

/// <summary>Sums over some tokens, from which all three measures follow and which add up over rows and seeds.</summary>
/// <param name="Count">Tokens, or questions.</param>
/// <param name="Nll">Σ −log p of the reference (nats).</param>
/// <param name="Right">How often the reference is the most probable one.</param>
/// <param name="Confidence">Σ p of the reference.</param>
public readonly record struct TokenSums(double Count, double Nll, double Right, double Confidence)
{
    /// <summary>The sums of one token or question.</summary>
    /// <param name="logProb">Log-probability of the reference (nats).</param>
    /// <param name="right">Whether it is the most probable one.</param>
    public static TokenSums Of(double logProb, bool right) => new(1, -logProb, right ? 1 : 0, Math.Exp(logProb));

    /// <summary>The sums over both.</summary>
    public static TokenSums operator +(TokenSums a, TokenSums b) => new(a.Count + b.Count, a.Nll + b.Nll, a.Right + b.Right, a.Confidence + b.Confidence);

    /// <summary>The sums of something that is counted several times.</summary>
    public static TokenSums operator *(double times, TokenSums sums) => new(times * sums.Count, times * sums.Nll, times * sums.Right, times * sums.Confidence);

    /// <summary>A measure: <see cref="Metrics.Nll"/>, <see cref="Metrics.Accuracy"/> or <see cref="Metrics.MeanConfidence"/>; NaN over no tokens.</summary>
    /// <exception cref="ArgumentException">The sums do not hold this measure.</exception>
    public double Mean(Metric metric) =>
        metric == Metrics.Nll ? Nll / Count
        : metric == Metrics.Accuracy ? Right / Count
        : metric == Metrics.MeanConfidence ? Confidence / Count
        : throw new ArgumentException($"Expected nll, accuracy or mean-confidence, actual {metric.Id}.", nameof(metric));
}
