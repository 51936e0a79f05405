using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>The plain path: all logits at once and autograd. It holds [B,T,V]; it is the oracle that the chunked head is compared with.</summary>
public static class FullLogits
{
    /// <summary>The weighted loss as a scalar in the graph of <paramref name="logits"/>; the weights are constants in it.</summary>
    /// <param name="logits">[B,T,V] logits; position t predicts the next token.</param>
    /// <param name="scored">Supervised tokens of the batch.</param>
    /// <param name="objective">Weighs them.</param>
    /// <param name="totals">Denominators of the optimiser step.</param>
    /// <returns>
    /// The loss (nats, [], float32 or the dtype of float64 logits), owned by the caller's scope, and the weighting. With nothing supervised the loss is 0 and its
    /// backward gives a gradient of 0.
    /// </returns>
    /// <exception cref="ArgumentException">The logits do not have B·T rows.</exception>
    public static (Tensor Loss, Weighting Weighting) Loss(Tensor logits, ScoredPositions scored, IObjective objective, BatchTotals totals)
    {
        if (logits.dim() != 3 || logits.shape[0] != scored.Rows || logits.shape[1] != scored.Length)
            throw new ArgumentException($"logits: expected [{scored.Rows}, {scored.Length}, V], actual [{string.Join(", ", logits.shape)}].", nameof(logits));
        using var scope = torch.NewDisposeScope();
        var precise = logits.dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;
        var positions = torch.tensor(scored.Positions, device: logits.device);
        var targets = torch.tensor(scored.Targets, device: logits.device).unsqueeze(1);
        var rows = logits.reshape(-1, logits.shape[2]).index_select(0, positions).to(precise);
        var logProbs = rows.gather(1, targets).squeeze(1) - rows.logsumexp(1);
        double[] values = [.. logProbs.detach().to(torch.ScalarType.Float64).cpu().data<double>()];
        var weighting = objective.Weigh(new(values, scored.Starts, scored.Turns), totals);
        var coefficients = torch.tensor(weighting.Coefficients, device: logits.device).to(precise);
        var terms = torch.where(coefficients == 0, torch.zeros_like(logProbs), -logProbs * coefficients);
        return (terms.sum().MoveToOuterDisposeScope(), weighting);
    }
}
