namespace Bft.Research.Models;

/// <summary>What all blocks share in one forward pass: rotary tables of the positions, attention masks, the cache.</summary>
/// <remarks>Owned by the caller; blocks may run in any order and again.</remarks>
public sealed class ForwardContext : IDisposable
{
    private readonly Tensor? _keyMask, _samples;
    private readonly AttentionRun[]? _runs;
    private readonly Dictionary<int, Tensor> _masks = [];
    private readonly torch.ScalarType _dtype;

    internal ForwardContext(int length, Tensor cos, Tensor sin, Tensor? keyMask, Tensor? samples, KeyValueCache? cache, torch.ScalarType dtype)
    {
        Length = length;
        Cos = cos;
        Sin = sin;
        _keyMask = keyMask;
        _samples = samples;
        _runs = samples is null || keyMask is not null ? null : AttentionRun.Of(samples);
        Cache = cache;
        Past = cache?.Length ?? 0;
        _dtype = dtype;
    }

    /// <summary>New positions T of every row.</summary>
    public int Length { get; }

    /// <summary>Positions in the cache before this pass.</summary>
    public int Past { get; }

    /// <summary>Cache that the blocks extend, or null.</summary>
    internal KeyValueCache? Cache { get; }

    /// <summary>[T, 1, width] or [B, T, 1, width].</summary>
    internal Tensor Cos { get; }

    /// <summary>As <see cref="Cos"/>.</summary>
    internal Tensor Sin { get; }

    private bool Plain => _keyMask is null && _samples is null;

    /// <summary>First key position that a single new query of a layer with this window can see.</summary>
    internal int FirstKey(int? window) => Length == 1 && Plain && window < Past + 1 ? Past + 1 - window.Value : 0;

    /// <summary>Who sees whom in a layer with this window: run by run, by the causal rule, by an additive mask, or everybody.</summary>
    internal AttentionRule Mask(int? window)
    {
        if (_runs is not null && _runs.All(run => run.Length <= (window ?? run.Length)))
            return new(null, true, _runs);
        var sliding = window < Past + Length;
        if (Plain && Length == 1)
            return new(null, false);
        if (Plain && !sliding && Past == 0)
            return new(null, true);
        var key = sliding ? window!.Value : 0;
        if (!_masks.TryGetValue(key, out var mask))
            _masks[key] = mask = Build(key);
        return new(mask, false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cos.Dispose();
        Sin.Dispose();
        _keyMask?.Dispose();
        _samples?.Dispose();
        foreach (var mask in _masks.Values)
            mask.Dispose();
    }

    /// <summary>[B or 1, 1, T, past + T]: 0 where a query may look, −∞ elsewhere. Every query sees itself, so that rows of padding stay finite.</summary>
    private Tensor Build(int window)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var keys = torch.arange(Past + Length, device: Cos.device);
        var queries = torch.arange(Past, Past + Length, device: Cos.device).unsqueeze(1);
        var allowed = (keys <= queries).unsqueeze(0);
        if (window > 0)
            allowed = allowed & (keys > queries - window);
        if (_samples is not null)
            allowed = allowed & (_samples.unsqueeze(2) == _samples.unsqueeze(1));
        if (_keyMask is not null)
            allowed = allowed & _keyMask.unsqueeze(1);
        allowed = allowed | (keys == queries);
        return torch.zeros(allowed.shape, _dtype, Cos.device).masked_fill_(~allowed, double.NegativeInfinity).unsqueeze(1).DetachFromDisposeScope();
    }
}
