using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>The LM head under an objective: hidden states in, loss and gradients out, in tiles of tokens × vocabulary. [B,T,V] is never held.</summary>
/// <remarks>
/// The gradient of every objective is coefficient · (softmax − onehot), with coefficients that need all log-probabilities of a sample first.
/// A frozen head takes one pass: ∂L/∂hidden at a token is coefficient · (1 − p_y) · (mean of the other rows of W under softmax − W_y), so the rows without their
/// coefficient are kept, [S,D], and multiplied once the objective has answered. A head that trains takes two: log-probabilities, then gradients from recomputed tiles, block of
/// the vocabulary by block, so each row of the weight gradient is written once. Only supervised positions are computed. No autograd node is made:
/// go on with <c>hidden.backward(result.GradHidden)</c>; with a tied embedding that call adds the embedding's part to the weight gradient.
/// </remarks>
public static class LmHead
{
    /// <summary>Loss and gradients of one micro-batch.</summary>
    /// <param name="hidden">[B,T,D] states after the final norm; read detached.</param>
    /// <param name="weight">[V,D] of the same dtype. If it requires grad its part of the gradient is added to <c>weight.grad</c> in place.</param>
    /// <param name="bias">[V] or null; likewise.</param>
    /// <param name="scored">Supervised tokens.</param>
    /// <param name="objective">Turns log-probabilities into coefficients.</param>
    /// <param name="totals">Denominators of the optimiser step.</param>
    /// <param name="options">Tile sizes.</param>
    /// <exception cref="ArgumentException">A shape, dtype, target or option does not fit.</exception>
    public static LmHeadResult Backward(
        Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, IObjective objective, BatchTotals totals, LmHeadOptions? options = null) =>
        Backward(hidden, weight, bias, scored, objective, totals, options, null);

    /// <summary>As the public overload, for a head with a low-rank update; always in two passes.</summary>
    internal static LmHeadResult Backward(
        Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, IObjective objective, BatchTotals totals, LmHeadOptions? options, HeadUpdate? update)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var tiles = new HeadTiles(hidden, weight, bias, scored, options ?? new(), update);
        var rows = torch.zeros(tiles.Count, tiles.Hidden.shape[1], dtype: tiles.Precise, device: hidden.device);
        var trains = update is not null || weight.requires_grad || (bias?.requires_grad ?? false);
        var kept = new KeptTiles(trains ? (options ?? new()).KeptLogits : 0);
        var tokens = trains ? ReadLogProbs(tiles, kept) : ReadRows(tiles, rows);
        var logProbs = Doubles(tokens.LogProbs);
        var weighting = objective.Weigh(new(logProbs, scored.Starts, scored.Turns), totals);
        var coefficients = torch.tensor(weighting.Coefficients, device: hidden.device);
        if (trains)
            new HeadGradients(tiles, kept, tokens, coefficients, update).Accumulate(weight, bias, rows, scored);
        else
            rows.mul_(coefficients.to(tiles.Precise).unsqueeze(1));
        return new(weighting, logProbs, tiles.Spread(rows, scored).MoveToOuterDisposeScope());
    }

    /// <summary>[S] natural-log probabilities of the targets, for evaluation; float32 accumulation at least, float64 for a float64 model.</summary>
    /// <param name="hidden">[B,T,D] states after the final norm.</param>
    /// <param name="weight">[V,D] of the same dtype.</param>
    /// <param name="bias">[V] or null.</param>
    /// <param name="scored">Tokens to score.</param>
    /// <param name="options">Tile sizes.</param>
    /// <exception cref="ArgumentException">A shape, dtype, target or option does not fit.</exception>
    public static double[] LogProbs(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions? options = null) =>
        LogProbs(hidden, weight, bias, scored, options, null);

    /// <summary>As the public overload, for a head with a low-rank update.</summary>
    internal static double[] LogProbs(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions? options, HeadUpdate? update)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return Doubles(ReadLogProbs(new(hidden, weight, bias, scored, options ?? new(), update), new(0)).LogProbs);
    }

    /// <summary>One pass for log-probabilities; the first tiles are kept as far as they may.</summary>
    private static TokenSoftmax ReadLogProbs(HeadTiles tiles, KeptTiles kept)
    {
        var parts = new List<TokenSoftmax>();
        foreach (var tokens in tiles.TokenChunks)
        {
            var softmax = new RunningSoftmax(tiles, tokens);
            foreach (var block in tiles.VocabularyBlocks)
            {
                using var tile = torch.NewDisposeScope();
                var logits = tiles.Logits(tokens, block, kept.HasRoom((long)tokens.Length * block.Length));
                softmax.Add(logits, block, null);
                kept.Offer(tokens, block, logits, softmax.Reference);
            }

            parts.Add(softmax.Finish());
        }

        return TokenSoftmax.Joined(parts, tiles);
    }

    /// <summary>One pass for log-probabilities and ∂(−log p)/∂hidden, written to <paramref name="rows"/> ([S,D], zeros on entry).</summary>
    private static TokenSoftmax ReadRows(HeadTiles tiles, Tensor rows)
    {
        var parts = new List<TokenSoftmax>();
        foreach (var tokens in tiles.TokenChunks)
        {
            using var chunk = torch.NewDisposeScope();
            var softmax = new RunningSoftmax(tiles, tokens);
            var sums = rows.narrow(0, tokens.Start, tokens.Length);
            foreach (var block in tiles.VocabularyBlocks)
            {
                using var tile = torch.NewDisposeScope();
                var logits = tiles.Logits(tokens, block);
                softmax.Add(logits, block, sums);
                tiles.AddProduct(sums, logits, block);
            }

            var finished = softmax.Finish();
            var targets = tiles.Weight.index_select(0, tiles.Targets.narrow(0, tokens.Start, tokens.Length)).to(tiles.Precise);
            var mean = softmax.Total.clamp_min(double.Epsilon).reciprocal().clamp_max(float.MaxValue).to(tiles.Precise);
            sums.mul_(mean.unsqueeze(1)).sub_(targets).mul_(finished.Remainder.to(tiles.Precise).unsqueeze(1));
            parts.Add(finished.MoveToOuterDisposeScope());
        }

        return TokenSoftmax.Joined(parts, tiles);
    }

    private static double[] Doubles(Tensor values) => [.. values.cpu().data<double>()];
}
