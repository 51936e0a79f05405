namespace Bft.Research.Evaluation;

/// <summary>How probable a model finds a continuation after a context.</summary>
/// <param name="TokenLogProbs">[tokens] natural log of the probability of each token of the continuation (nats).</param>
/// <param name="IsGreedy">True when every token is the one with the largest logit.</param>
public sealed record ContinuationScore(double[] TokenLogProbs, bool IsGreedy)
{
    /// <summary>Sum over the tokens (nats).</summary>
    public double LogLikelihood => TokenLogProbs.Sum();

    /// <summary>Mean over the tokens (nats a token).</summary>
    public double MeanPerToken => LogLikelihood / TokenLogProbs.Length;

    /// <summary>exp(−mean).</summary>
    public double Perplexity => Math.Exp(-MeanPerToken);
}
