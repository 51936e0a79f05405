namespace Bft.Research.Objectives;

/// <summary>A training objective: a weighting of −log p by stop-gradient coefficients.</summary>
/// <remarks>
/// Pure and free of tensors: it sees the natural-log probabilities of the supervised tokens of one micro-batch in float64 and answers with
/// d loss / d(−log p) for each, so that ∂L/∂logits = coefficient · (softmax − onehot). Nothing flows through the weights.
/// </remarks>
public interface IObjective
{
    /// <summary>Name in logs and tables, for example <c>bft-v3</c>.</summary>
    string Name { get; }

    /// <summary>Weighs the tokens of one micro-batch.</summary>
    /// <param name="tokens">Log-probabilities in nats, ragged by sample.</param>
    /// <param name="totals">Denominators of the whole accumulated batch of the optimiser step.</param>
    Weighting Weigh(TokenLogProbs tokens, BatchTotals totals);
}

/// <summary>Log-probabilities (nats) of the supervised tokens of some samples, one after the other.</summary>
/// <param name="Values">[S] log p of the target; may be slightly above 0 by rounding, may be −∞.</param>
/// <param name="Starts">[samples + 1] offsets; a sample may be empty.</param>
/// <param name="Turns">[S] turn number of each token, or null.</param>
public sealed record TokenLogProbs(double[] Values, int[] Starts, int[]? Turns = null)
{
    /// <summary>Number of samples.</summary>
    public int Samples => Starts.Length - 1;

    /// <summary>The tokens of sample <paramref name="i"/>.</summary>
    public ReadOnlySpan<double> Sample(int i) => Values.AsSpan(Starts[i]..Starts[i + 1]);
}

/// <summary>What an optimiser step divides by: counts over all micro-batches that are accumulated into it.</summary>
/// <param name="Tokens">Supervised tokens N.</param>
/// <param name="Samples">Samples, also those without a supervised token.</param>
/// <param name="MicroBatches">Number of micro-batches.</param>
public sealed record BatchTotals(long Tokens, int Samples, int MicroBatches = 1);

/// <summary>What an objective answers for one micro-batch.</summary>
public sealed record Weighting
{
    /// <summary>This micro-batch's part of the loss of the step (nats); the parts of the micro-batches add up to it.</summary>
    public required double Loss { get; init; }

    /// <summary>[S] d loss / d(−log p), weights held constant. Σ coefficient · (−log p) = loss.</summary>
    public required double[] Coefficients { get; init; }

    /// <summary>[S] token weight w.</summary>
    public required double[] TokenWeights { get; init; }

    /// <summary>[samples] sequence weight s; 1 where the objective has none.</summary>
    public required double[] SequenceWeights { get; init; }

    /// <summary>[samples] lowest window confidence p_conf before any exponent, or null where the objective has none.</summary>
    public double[]? LowestWindows { get; init; }

    /// <summary>[samples] Σ w·(−log p) / (n + ε) before the sequence weight.</summary>
    public required double[] SequenceLosses { get; init; }
}
