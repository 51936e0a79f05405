namespace Bft.Benchmarks;

/// <summary>
/// The algorithm of the released BFT v1 function, written afresh from its description: all logits, cast to float32, labels padded and shifted, per-token cross entropy,
/// autograd. Windows run over the valid tokens of a row.
/// </summary>
internal static class ReleasedAlgorithm
{
    private const int Window = 256;
    private const double Epsilon = 1e-8;

    public static Tensor Loss(Tensor logits, Tensor labels)
    {
        var (rows, length, vocabulary) = (logits.shape[0], logits.shape[1], logits.shape[2]);
        var precise = logits.to(torch.ScalarType.Float32);
        var shifted = torch.nn.functional.pad(labels, (0, 1), value: -100)[.., 1..].contiguous();
        var losses = torch.nn.functional.cross_entropy(
            precise.view(-1, vocabulary), shifted.view(-1), ignore_index: -100, reduction: torch.nn.Reduction.None).view(rows, length);
        var valid = shifted != -100;
        Tensor weights, sequenceWeights;
        using (torch.no_grad())
        {
            weights = (-losses).exp();
            sequenceWeights = torch.stack([.. Enumerable.Range(0, (int)rows).Select(b => 1 - LowestGroup(-losses[b].masked_select(valid[b])))]);
        }

        var mask = valid.to(torch.ScalarType.Float32);
        var perSequence = (losses * weights * mask).sum(1) / (mask.sum(1) + Epsilon);
        return (perSequence * sequenceWeights).mean();
    }

    private static Tensor LowestGroup(Tensor logProbs)
    {
        if (logProbs.shape[0] == 0)
            return torch.zeros([]);
        var size = Math.Min(Window, logProbs.shape[0]);
        return logProbs.unfold(0, size, 1).mean([1]).min().exp().clamp(0, 1);
    }
}
