using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>The low-rank update of one linear layer: y + s·B·A·dropout(x).</summary>
/// <remarks>
/// A and B are float32 (float64 beside a float64 model) whatever the dtype of the model, and are rounded to it for the computation, as PEFT
/// keeps trainable adapters; so their gradients and updates are not rounded to bfloat16.
/// </remarks>
public sealed class LoraLayer : IProjectionAdapter, IDisposable
{
    private readonly LoraDropout? _dropout;

    internal LoraLayer(Projection target, Tensor a, Tensor b, double alpha, double scaling, LoraDropout? dropout)
    {
        Target = target;
        A = a.DetachFromDisposeScope();
        B = b.DetachFromDisposeScope();
        Alpha = alpha;
        Scaling = scaling;
        _dropout = dropout;
    }

    /// <summary>The layer that is adapted.</summary>
    public Projection Target { get; }

    /// <summary>[r, in] matrix A; owned by this layer.</summary>
    public Tensor A { get; }

    /// <summary>[out, r] matrix B; owned by this layer.</summary>
    public Tensor B { get; }

    /// <summary>Rank r.</summary>
    public int Rank => (int)A.shape[0];

    /// <summary>α of this layer.</summary>
    public double Alpha { get; }

    /// <summary>Factor s of the update.</summary>
    public double Scaling { get; }

    /// <summary>Adds the update to the output of the layer.</summary>
    /// <param name="x">[…, in] input of the layer.</param>
    /// <param name="y">[…, out] its output.</param>
    public Tensor Add(Tensor x, Tensor y)
    {
        var input = _dropout is null ? x : _dropout.Apply(x);
        var low = functional.linear(input, A.to(x.dtype)).mul(Scaling).reshape(-1, Rank); // [N, r]
        return torch.addmm(y.reshape(-1, B.shape[0]), low, B.to(x.dtype).t(), 1, 1).reshape(y.shape);
    }

    /// <summary>Adds s·B·A to the base weight in place, computed in the dtype of the adapter and rounded once.</summary>
    internal void Merge()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var weight = Target.Weight;
        weight.copy_(torch.addmm(weight.to(A.dtype), B.mul(Scaling), A, 1, 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}

/// <summary>Dropout of adapter inputs with a generator of its own, so a run repeats whatever else draws random numbers.</summary>
internal sealed class LoraDropout(double probability, long seed, torch.Device device) : IDisposable
{
    private readonly torch.Generator _generator = new((ulong)seed, device);

    /// <summary>Whether values are dropped; off outside training.</summary>
    public bool Active { get; set; }

    /// <summary>Probability of dropping a value.</summary>
    public double Probability => probability;

    /// <summary>Zeroes values with the set probability and scales the rest by 1 / (1 − p); the input itself when not active.</summary>
    public Tensor Apply(Tensor x)
    {
        if (!Active)
            return x;
        var kept = torch.rand(x.shape, torch.ScalarType.Float32, x.device, generator: _generator).ge(probability);
        return x.mul(kept.to(x.dtype).div_(1 - probability));
    }

    public void Dispose() => _generator.Dispose();
}
