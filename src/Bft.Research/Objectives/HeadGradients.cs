namespace Bft.Research.Objectives;

/// <summary>The second pass of a head that trains.</summary>
internal static class HeadGradients
{
    /// <summary>Adds the gradients of weight and bias in place where they require grad, and writes ∂L/∂hidden.</summary>
    /// <param name="tiles">Logits.</param>
    /// <param name="weight">[V,D] parameter.</param>
    /// <param name="bias">[V] parameter or null.</param>
    /// <param name="coefficients">[S] float64.</param>
    /// <param name="remainder">[S] float64, 1 − p of the target.</param>
    /// <param name="logSumExp">[S] float64.</param>
    /// <param name="rows">[S,D] receives ∂L/∂hidden; zeros on entry.</param>
    public static void Accumulate(
        HeadTiles tiles, Tensor weight, Tensor? bias, Tensor coefficients, Tensor remainder, Tensor logSumExp, Tensor rows)
    {
        var factor = coefficients.to(tiles.Precise).unsqueeze(1);
        var shift = logSumExp.to(tiles.Precise).unsqueeze(1);
        var atTarget = (coefficients * remainder).neg().to(tiles.Precise);
        var weightGrad = weight.requires_grad ? Grad(weight) : null;
        var biasGrad = bias is { requires_grad: true } ? Grad(bias) : null;
        foreach (var block in tiles.VocabularyBlocks)
        {
            using var scope = torch.NewDisposeScope();
            var words = tiles.Weight.narrow(0, block.Start, block.Length);
            Tensor? weightSum = null, biasSum = null;
            foreach (var tokens in tiles.TokenChunks)
            {
                using var tile = torch.NewDisposeScope();
                var logits = tiles.Logits(tokens, block);
                logits.sub_(shift.narrow(0, tokens.Start, tokens.Length)).exp_().mul_(factor.narrow(0, tokens.Start, tokens.Length));
                if (tiles.TargetsIn(tokens, block) is var (at, flat))
                    logits.view(-1).index_copy_(0, flat, atTarget.narrow(0, tokens.Start, tokens.Length).index_select(0, at));
                var narrow = logits.to(words.dtype);
                var part = rows.narrow(0, tokens.Start, tokens.Length);
                if (words.dtype == tiles.Precise)
                    part.addmm_(narrow, words);
                else
                    part.add_(narrow.mm(words));
                if (weightGrad is not null)
                    weightSum = Sum(weightSum, narrow.t().mm(tiles.Hidden.narrow(0, tokens.Start, tokens.Length)), tiles.Precise);
                if (biasGrad is not null)
                    biasSum = Sum(biasSum, logits.sum([0]), tiles.Precise);
            }

            if (weightSum is not null)
                weightGrad!.narrow(0, block.Start, block.Length).add_(weightSum);
            if (biasSum is not null)
                biasGrad!.narrow(0, block.Start, block.Length).add_(biasSum);
        }
    }

    /// <summary>Adds in the precise dtype when several chunks of tokens share a block; the result outlives the tile.</summary>
    private static Tensor Sum(Tensor? sum, Tensor part, torch.ScalarType precise)
    {
        if (sum is null)
            return part.MoveToOuterDisposeScope();
        if (sum.dtype == precise)
            return sum.add_(part);
        return sum.to(precise).add_(part).MoveToOuterDisposeScope();
    }

    private static Tensor Grad(Tensor parameter)
    {
        if (parameter.grad is null)
            parameter.grad = torch.zeros_like(parameter);
        return parameter.grad!;
    }
}
