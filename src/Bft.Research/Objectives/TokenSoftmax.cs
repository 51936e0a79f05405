namespace Bft.Research.Objectives;

/// <summary>What the logits of some tokens say, [c] float64 each.</summary>
/// <param name="LogProbs">log p of the target (nats).</param>
/// <param name="Remainder">1 − p of the target.</param>
/// <param name="LogSumExp">Log of the sum over all entries.</param>
internal sealed record TokenSoftmax(Tensor LogProbs, Tensor Remainder, Tensor LogSumExp)
{
    /// <summary>Hands the tensors to the enclosing scope.</summary>
    public TokenSoftmax MoveToOuterDisposeScope() =>
        new(LogProbs.MoveToOuterDisposeScope(), Remainder.MoveToOuterDisposeScope(), LogSumExp.MoveToOuterDisposeScope());

    /// <summary>Chunks one after the other.</summary>
    public static TokenSoftmax Joined(List<TokenSoftmax> parts, HeadTiles tiles)
    {
        Tensor Join(Func<TokenSoftmax, Tensor> field) => parts.Count > 0
            ? torch.cat([.. parts.Select(field)])
            : torch.zeros(0, dtype: torch.ScalarType.Float64, device: tiles.Hidden.device);
        return new(Join(p => p.LogProbs), Join(p => p.Remainder), Join(p => p.LogSumExp));
    }
}
