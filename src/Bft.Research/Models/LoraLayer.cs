using Bft.Research.Numerics;
using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>The low-rank update of one linear layer: y + s·B·A·dropout(x); with DoRA m ∘ (W + s·B·A) / ‖W + s·B·A‖ in place of W + s·B·A, row by row.</summary>
/// <remarks>
/// Sources: Hu et al. 2021; Liu et al. 2024, whose norm carries no gradient, as here and in PEFT. The bias of the layer is neither scaled nor learnt.
/// A and B are float32 (float64 beside a float64 model) whatever the dtype of the model, and are rounded to it for the computation, as PEFT
/// keeps trainable adapters; so their gradients and updates are not rounded to bfloat16.
/// </remarks>
public sealed class LoraLayer : IProjectionAdapter, IDisposable
{
    private readonly LoraDropout? _dropout;

    internal LoraLayer(Projection target, Tensor a, Tensor b, Tensor? magnitude, double alpha, double scaling, LoraDropout? dropout)
    {
        Target = target;
        A = a.DetachFromDisposeScope();
        B = b.DetachFromDisposeScope();
        Magnitude = magnitude?.DetachFromDisposeScope();
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

    /// <summary>[out] length m of every row, owned by this layer; null without DoRA.</summary>
    public Tensor? Magnitude { get; }

    /// <summary>Number of the layer in its adapter, from 0.</summary>
    internal int Number { get; set; }

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
        var input = _dropout is null ? x : _dropout.Apply(x, Number);
        var low = functional.linear(input, A.to(x.dtype)).mul(Scaling).reshape(-1, Rank); // [N, r]
        var sum = torch.addmm(y.reshape(-1, B.shape[0]), low, B.to(x.dtype).t(), 1, 1).reshape(y.shape);
        if (Magnitude is null)
            return sum;
        var factor = (Magnitude / RowNorms()).to(x.dtype);
        return Target.Bias is { } bias ? (sum - bias) * factor + bias : sum * factor;
    }

    /// <summary>[out] lengths of the rows of a weight; the start of a DoRA magnitude.</summary>
    internal static Tensor RowNorms(Tensor weight) => weight.square().sum(1).sqrt();

    private Tensor RowNorms()
    {
        using var noGrad = torch.no_grad();
        return RowNorms(Updated());
    }

    /// <summary>[out, in] W + s·B·A in the dtype of the adapter.</summary>
    private Tensor Updated() => torch.addmm(Target.Weight.to(A.dtype), B.mul(Scaling), A, 1, 1);

    /// <summary>Puts the update into the base weight in place, computed in the dtype of the adapter and rounded once.</summary>
    internal void Merge()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var updated = Updated();
        Target.Weight.copy_(Magnitude is null ? updated : updated * (Magnitude / RowNorms(updated)).unsqueeze(1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Magnitude?.Dispose();
    }
}

/// <summary>Dropout of adapter inputs. What is dropped follows from seed, step, micro-batch and layer alone, whatever else draws random numbers.</summary>
/// <remarks>So a block that is computed again drops the same values, and a resumed run needs no state of a generator.</remarks>
internal sealed class LoraDropout(double probability, long seed, torch.Device device) : IDisposable
{
    private readonly torch.Generator _generator = new(0, device);
    private ulong? _start;

    /// <summary>Probability of dropping a value.</summary>
    public double Probability => probability;

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
