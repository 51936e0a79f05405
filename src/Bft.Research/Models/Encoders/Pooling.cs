namespace Bft.Research.Models.Encoders;

/// <summary>How the hidden states of a text become one vector.</summary>
public enum Pooling
{
    /// <summary>Position 0.</summary>
    Cls,

    /// <summary>Mean over real tokens, special tokens included.</summary>
    Mean,

    /// <summary>Sum over real tokens over the root of their number.</summary>
    MeanSqrtLength,

    /// <summary>Largest value of each component over real tokens.</summary>
    Max,

    /// <summary>The last real token.</summary>
    LastToken,
}

/// <summary>Computes <see cref="Pooling"/>.</summary>
public static class PoolingExtensions
{
    /// <summary>One vector a row.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="hidden">[B, T, D] hidden states.</param>
    /// <param name="attentionMask">[B, T], nonzero on real tokens; every row has one.</param>
    /// <param name="normalise">Whether vectors are scaled to length 1.</param>
    /// <returns>[B, D] in the dtype of the hidden states, moved to the outer dispose scope.</returns>
    /// <exception cref="ArgumentException">A row has no real token, or with <see cref="Pooling.Cls"/> position 0 is padding.</exception>
    public static Tensor Pool(this Pooling pooling, Tensor hidden, Tensor attentionMask, bool normalise = false)
    {
        using var scope = torch.NewDisposeScope();
        var real = attentionMask.ne(0);
        if (!real.any(1).all().ToBoolean())
            throw new ArgumentException("attentionMask: expected a real token in every row, actual a row without.", nameof(attentionMask));
        if (pooling == Pooling.Cls && !real.select(1, 0).all().ToBoolean())
            throw new ArgumentException("attentionMask: expected a real token at position 0 of every row, actual padding.", nameof(attentionMask));
        var pooled = Combine(pooling, hidden, real);
        if (normalise)
            pooled = pooled / pooled.norm(1, keepdim: true).clamp_min(1e-12);
        return pooled.MoveToOuterDisposeScope();
    }

    private static Tensor Combine(Pooling pooling, Tensor hidden, Tensor real)
    {
        var weights = real.to(hidden.dtype).unsqueeze(2);
        Tensor Sum() => (hidden * weights).sum(1);
        return pooling switch
        {
            Pooling.Cls => hidden.select(1, 0),
            Pooling.Mean => Sum() / weights.sum(1),
            Pooling.MeanSqrtLength => Sum() / weights.sum(1).sqrt(),
            Pooling.Max => hidden.masked_fill(~real.unsqueeze(2), double.NegativeInfinity).amax([1]),
            Pooling.LastToken => Last(hidden, real),
            _ => throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "No such pooling."),
        };
    }

    private static Tensor Last(Tensor hidden, Tensor real)
    {
        var places = torch.arange(1, real.size(1) + 1, device: real.device) * real.to(torch.ScalarType.Int64);
        var last = places.argmax(1).view(-1, 1, 1).expand(-1, 1, hidden.size(2));
        return hidden.gather(1, last).squeeze(1);
    }
}
