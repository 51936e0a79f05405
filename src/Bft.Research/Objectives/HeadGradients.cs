using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>The second pass of a head that trains.</summary>
/// <param name="tiles">Logits.</param>
/// <param name="kept">Tiles kept from the first pass; given up here one by one.</param>
/// <param name="tokens">What the first pass found.</param>
/// <param name="coefficients">[S] float64 coefficients of the objective.</param>
/// <param name="update">Low-rank addition that <paramref name="tiles"/> were made with, or null; receives its gradients.</param>
internal sealed class HeadGradients(HeadTiles tiles, KeptTiles kept, TokenSoftmax tokens, Tensor coefficients, HeadUpdate? update)
{
    private readonly Tensor _factor = coefficients.to(tiles.Precise).unsqueeze(1);
    private readonly Tensor _shift = tokens.LogSumExp.to(tiles.Precise).unsqueeze(1);
    private readonly Tensor _atTarget = (coefficients * tokens.Remainder).neg().to(tiles.Precise);
    private readonly Tensor? _lowRows = tiles.Low is null ? null : torch.zeros_like(tiles.Low);
    private readonly Tensor? _thinnedRows = tiles.Thins ? torch.zeros(tiles.Count, tiles.Hidden.shape[1], dtype: tiles.Precise, device: tiles.Hidden.device) : null;
    private readonly Tensor? _scaleGrad = update?.Scale is { requires_grad: true } scale ? torch.zeros_like(scale) : null;

    /// <summary>Adds the gradients of weight, bias and update in place where they require grad, and writes ∂L/∂hidden.</summary>
    /// <param name="weight">[V,D] parameter.</param>
    /// <param name="bias">[V] parameter or null.</param>
    /// <param name="rows">[S,D] receives ∂L/∂hidden; zeros on entry.</param>
    /// <param name="scored">Supervised tokens.</param>
    public void Accumulate(Tensor weight, Tensor? bias, Tensor rows, ScoredPositions scored)
    {
        Gradients all = new(weight.requires_grad ? Grad(weight) : null, bias is { requires_grad: true } ? Grad(bias) : null, update is { Up.requires_grad: true } ? Grad(update.Up) : null);
        foreach (var block in tiles.VocabularyBlocks)
        {
            using var scope = torch.NewDisposeScope();
            Gradients sums = default;
            foreach (var chunk in tiles.TokenChunks)
            {
                using var tile = torch.NewDisposeScope();
                sums = Tile(chunk, block, rows, all, sums);
            }

            AddTo(all.Weight, sums.Weight, block);
            AddTo(all.Bias, sums.Bias, block);
            AddTo(all.Up, sums.Up, block);
        }

        if (update is null)
            return;
        update.GradLow = tiles.Spread(_lowRows!, scored).MoveToOuterDisposeScope();
        update.GradScale = _scaleGrad?.MoveToOuterDisposeScope();
        update.GradThinned = _thinnedRows is null ? null : tiles.Spread(_thinnedRows.sub_(rows), scored).MoveToOuterDisposeScope();
    }

    /// <summary>Adds what a tile gives to the rows, and to the sums of its block where the whole gradient is wanted.</summary>
    private Gradients Tile((int Start, int Length) chunk, (int Start, int Length) block, Tensor rows, Gradients wanted, Gradients sums)
    {
        using var logitGrads = LogitGrads(chunk, block);
        var bias = wanted.Bias is null ? null : Sum(sums.Bias, logitGrads.sum([0]));
        if (tiles.Thins)
            tiles.AddProduct(rows.narrow(0, chunk.Start, chunk.Length), logitGrads, block);
        Unscale(logitGrads, chunk, block);
        tiles.AddProduct((_thinnedRows ?? rows).narrow(0, chunk.Start, chunk.Length), logitGrads, block);
        _lowRows?.narrow(0, chunk.Start, chunk.Length).addmm_(logitGrads, tiles.Up!.narrow(0, block.Start, block.Length));
        var weight = wanted.Weight is null ? null : Weight(wanted.Weight, sums.Weight, logitGrads, chunk, block);
        var up = wanted.Up is null ? null : Sum(sums.Up, logitGrads.t().mm(tiles.Low!.narrow(0, chunk.Start, chunk.Length)));
        return new(weight, bias, up);
    }

    /// <summary>The sum of a block with the weight gradient of a tile in it; null where that went straight into the whole gradient.</summary>
    private Tensor? Weight(Tensor whole, Tensor? sum, Tensor logitGrads, (int Start, int Length) chunk, (int Start, int Length) block)
    {
        var hidden = tiles.Rows(chunk);
        if (whole.dtype != hidden.dtype || hidden.dtype != tiles.Precise)
            return Sum(sum, logitGrads.to(hidden.dtype).t().mm(hidden));
        whole.narrow(0, block.Start, block.Length).addmm_(logitGrads.t(), hidden);
        return null;
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

    /// <summary>Turns ∂L/∂logits of a tile into the gradient before the scale, in place, and gathers that of the scale.</summary>
    private void Unscale(Tensor logitGrads, (int Start, int Length) chunk, (int Start, int Length) block)
    {
        if (tiles.Scale is not { } scale)
            return;
        _scaleGrad?.narrow(0, block.Start, block.Length).add_((logitGrads * tiles.Unscaled(chunk, block, lasting: true)).sum([0]));
        logitGrads.mul_(scale.narrow(0, block.Start, block.Length));
    }

    private static void AddTo(Tensor? gradient, Tensor? sum, (int Start, int Length) block)
    {
        if (sum is not null)
            gradient!.narrow(0, block.Start, block.Length).add_(sum);
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

    /// <summary>Gradients that are wanted, or sums over the tiles of a block.</summary>
    private readonly record struct Gradients(Tensor? Weight, Tensor? Bias, Tensor? Up);

    private static Tensor Grad(Tensor parameter)
    {
        if (parameter.grad is null)
            parameter.grad = torch.zeros_like(parameter);
        return parameter.grad!;
    }
}
