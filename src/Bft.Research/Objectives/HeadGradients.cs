namespace Bft.Research.Objectives;

/// <summary>The second pass of a head that trains.</summary>
/// <param name="tiles">Logits.</param>
/// <param name="kept">Tiles kept from the first pass; given up here one by one.</param>
/// <param name="tokens">What the first pass found.</param>
/// <param name="coefficients">[S] float64 coefficients of the objective.</param>
internal sealed class HeadGradients(HeadTiles tiles, KeptTiles kept, TokenSoftmax tokens, Tensor coefficients)
{
    private readonly Tensor _factor = coefficients.to(tiles.Precise).unsqueeze(1);
    private readonly Tensor _shift = tokens.LogSumExp.to(tiles.Precise).unsqueeze(1);
    private readonly Tensor _atTarget = (coefficients * tokens.Remainder).neg().to(tiles.Precise);

    /// <summary>Adds the gradients of weight and bias in place where they require grad, and writes ∂L/∂hidden.</summary>
    /// <param name="weight">[V,D] parameter.</param>
    /// <param name="bias">[V] parameter or null.</param>
    /// <param name="rows">[S,D] receives ∂L/∂hidden; zeros on entry.</param>
    public void Accumulate(Tensor weight, Tensor? bias, Tensor rows)
    {
        var weightGrad = weight.requires_grad ? Grad(weight) : null;
        var biasGrad = bias is { requires_grad: true } ? Grad(bias) : null;
        foreach (var block in tiles.VocabularyBlocks)
        {
            using var scope = torch.NewDisposeScope();
            var words = tiles.Weight.narrow(0, block.Start, block.Length);
            Tensor? weightSum = null, biasSum = null;
            foreach (var chunk in tiles.TokenChunks)
            {
                using var tile = torch.NewDisposeScope();
                using var logitGrads = LogitGrads(chunk, block);
                var narrow = logitGrads.to(words.dtype);
                var part = rows.narrow(0, chunk.Start, chunk.Length);
                if (words.dtype == tiles.Precise)
                    part.addmm_(narrow, words);
                else
                    part.add_(narrow.mm(words));
                if (weightGrad is not null)
                    weightSum = Sum(weightSum, narrow.t().mm(tiles.Hidden.narrow(0, chunk.Start, chunk.Length)));
                if (biasGrad is not null)
                    biasSum = Sum(biasSum, logitGrads.sum([0]));
            }

            if (weightSum is not null)
                weightGrad!.narrow(0, block.Start, block.Length).add_(weightSum);
            if (biasSum is not null)
                biasGrad!.narrow(0, block.Start, block.Length).add_(biasSum);
        }
    }

    /// <summary>[c, v] ∂L/∂logits of a tile: coefficient · softmax, and −coefficient · (1 − p) at targets.</summary>
    private Tensor LogitGrads((int Start, int Length) chunk, (int Start, int Length) block)
    {
        Tensor Part(Tensor all) => all.narrow(0, chunk.Start, chunk.Length);
        Tensor grads;
        if (kept.Take(chunk, block) is var (exponentials, reference))
            grads = exponentials.mul_((reference.unsqueeze(1) - Part(_shift)).exp() * Part(_factor));
        else
            grads = tiles.Logits(chunk, block).sub_(Part(_shift)).exp_().mul_(Part(_factor));
        if (tiles.TargetsIn(chunk, block) is var (at, flat))
            grads.view(-1).index_copy_(0, flat, Part(_atTarget).index_select(0, at));
        return grads;
    }

    /// <summary>Adds in the precise dtype when several chunks of tokens share a block; the result outlives the tile.</summary>
    private Tensor Sum(Tensor? sum, Tensor part)
    {
        if (sum is null)
            return part.MoveToOuterDisposeScope();
        if (sum.dtype == tiles.Precise)
            return sum.add_(part);
        return sum.to(tiles.Precise).add_(part).MoveToOuterDisposeScope();
    }

    private static Tensor Grad(Tensor parameter)
    {
        if (parameter.grad is null)
            parameter.grad = torch.zeros_like(parameter);
        return parameter.grad!;
    }
}
