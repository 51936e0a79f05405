using Bft.Research.Numerics;

namespace Bft.Research.Models;

/// <summary>Dropout of adapter inputs. What is dropped follows from seed, step, micro-batch and layer alone, whatever else draws random numbers.</summary>
/// <remarks>So a block that is computed again drops the same values, and a resumed run needs no state of a generator.</remarks>
internal sealed class LoraDropout(double probability, long seed, torch.Device device) : IDisposable
{
    private readonly torch.Generator _generator = new(0, device);
    private ulong? _start;

    /// <summary>Probability of dropping a value.</summary>
    public double Probability => probability;

    /// <summary>Whether values are dropped now.</summary>
    public bool Acts => _start is not null;

    /// <summary>Drops values from now on, those of a micro-batch of a step.</summary>
    public void Start(int step, int microBatch) => _start = SplitMix64.At(SplitMix64.At((ulong)seed, (ulong)step), (ulong)microBatch);

    /// <summary>Drops nothing from now on.</summary>
    public void Stop() => _start = null;

    /// <summary>Zeroes values with the set probability and scales the rest by 1 / (1 − p); the input itself when stopped.</summary>
    /// <param name="x">Input of any shape.</param>
    /// <param name="layer">Number of the layer; every layer drops its own values.</param>
    public Tensor Apply(Tensor x, int layer)
    {
        if (_start is not { } start)
            return x;
        _generator.manual_seed((long)(SplitMix64.At(start, (ulong)layer) >> 1));
        var kept = torch.rand(x.shape, torch.ScalarType.Float32, x.device, generator: _generator).ge(probability);
        return x.mul(kept.to(x.dtype).div_(1 - probability));
    }

    public void Dispose() => _generator.Dispose();
}
