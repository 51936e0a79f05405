namespace Bft.Research.Objectives;

/// <summary>Softmax statistics of some tokens, gathered while blocks of their logits pass by.</summary>
/// <remarks>
/// The target is kept apart from the others: log p = −softplus(logsumexp of the others − z_y) and 1 − p = sigmoid(the same), which keep their relative accuracy near p = 1,
/// where gather − logsumexp resolves 6e-8 in float32 and 1 − p loses everything. The reference maximum moves only when a block exceeds it by a margin that float32 holds
/// easily, so sums gathered so far are rarely rescaled.
/// </remarks>
internal sealed class RunningSoftmax
{
    private const double Lowest = -1e30;
    private const double Margin = 16;
    private readonly HeadTiles _tiles;
    private readonly (int Start, int Length) _tokens;
    private readonly Tensor _top;
    private readonly Tensor _total;
    private readonly Tensor _target;

    public RunningSoftmax(HeadTiles tiles, (int Start, int Length) tokens)
    {
        _tiles = tiles;
        _tokens = tokens;
        var device = tiles.Hidden.device;
        _top = torch.full(tokens.Length, Lowest, dtype: tiles.Precise, device: device);
        _total = torch.zeros(tokens.Length, dtype: torch.ScalarType.Float64, device: device);
        _target = torch.zeros(tokens.Length, dtype: tiles.Precise, device: device);
    }

    /// <summary>[c] the reference that exponentials are taken against now.</summary>
    public Tensor Reference => _top;

    /// <summary>[c] float64 Σ over the non-target entries of exp(z − reference).</summary>
    public Tensor Total => _total;

    /// <summary>Takes a block in: overwrites the logits with exp(z − reference), 0 at targets, and rescales <paramref name="sums"/> when the reference moves.</summary>
    /// <param name="logits">[c, v] a tile of <see cref="HeadTiles.Logits"/>.</param>
    /// <param name="block">Its part of the vocabulary.</param>
    /// <param name="sums">[c, D] sums weighted by earlier blocks, or null.</param>
    public void Add(Tensor logits, (int Start, int Length) block, Tensor? sums)
    {
        if (_tiles.TargetsIn(_tokens, block) is var (rows, flat))
        {
            var all = logits.view(-1);
            _target.index_copy_(0, rows, all.index_select(0, flat));
            all.index_fill_(0, flat, double.NegativeInfinity);
        }

        var top = logits.amax([1]);
        var raised = top > _top + Margin;
        if (raised.any().cpu().item<bool>())
        {
            var reference = torch.where(raised, top, _top);
            var factor = (_top - reference).exp();
            _total.mul_(factor);
            sums?.mul_(factor.unsqueeze(1));
            _top.copy_(reference);
        }

        logits.sub_(_top.unsqueeze(1)).exp_();
        _total.add_(logits.sum(1));
    }

    /// <summary>What the logits say once all blocks have passed.</summary>
    public TokenSoftmax Finish()
    {
        var target = _target.to(torch.ScalarType.Float64);
        var gap = _top.to(torch.ScalarType.Float64) + _total.log() - target;
        var logProbs = -(gap.relu() + (-gap.abs()).exp().log1p());
        return new(logProbs, gap.sigmoid(), target - logProbs);
    }
}
