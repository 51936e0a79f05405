using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Measures a model on rows that are not trained on.</summary>
public static class HeldOut
{
    /// <summary>Plain negative log-likelihood, accuracy and confidence over all supervised tokens; no gradient, no dropout.</summary>
    /// <param name="model">The model with whatever adapter it carries.</param>
    /// <param name="batches">What is measured.</param>
    /// <param name="step">Step number for the report.</param>
    /// <param name="head">Chunking of the LM head.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InvalidDataException">There is no supervised token.</exception>
    public static EvaluationReport Measure(
        CausalLm model, IReadOnlyList<TokenBatch> batches, int step, LmHeadOptions head, CancellationToken cancellationToken = default)
    {
        double nll = 0, confidence = 0;
        long right = 0, tokens = 0;
        foreach (var batch in batches.Where(b => b.Scored.Count > 0))
        {
            StopPoint.Pass(cancellationToken);
            var measured = model.Measure(batch, head);
            nll -= measured.LogProbs.Sum();
            confidence += measured.LogProbs.Sum(Math.Exp);
            right += measured.Best.Zip(batch.Scored.Targets).LongCount(pair => pair.First == pair.Second);
            tokens += batch.Scored.Count;
        }

        return tokens == 0
            ? throw new InvalidDataException("There is nothing to evaluate: no supervised token in the held-out rows.")
            : new(step, tokens, nll / tokens, right / (double)tokens, confidence / tokens);
    }
}
