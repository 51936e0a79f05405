using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>The low-rank update of one matrix: W + s·B·A; with DoRA m ∘ (W + s·B·A) / ‖W + s·B·A‖, row by row.</summary>
/// <remarks>
/// Sources: Hu et al. 2021; Liu et al. 2024, whose norm carries no gradient, as here and in PEFT. A linear layer gives y + s·B·A·dropout(x); its bias is neither scaled
/// nor learnt. The embedding is updated as PEFT does it, as a linear layer from V to D: its table is Wᵀ, A is [r, V], B is [D, r], and there is no dropout.
/// A and B are float32 (float64 beside a float64 model) whatever the dtype of the model, and are rounded to it for the computation, as PEFT
/// keeps trainable adapters; so their gradients and updates are not rounded to bfloat16.
/// </remarks>
public sealed class LoraLayer : IProjectionAdapter, IDisposable
{
    private readonly LoraDropout? _dropout;

    internal LoraLayer(AdaptableWeight target, Tensor a, Tensor b, Tensor? magnitude, double alpha, double scaling, LoraDropout? dropout)
    {
        Target = target;
        A = a.DetachFromDisposeScope();
        B = b.DetachFromDisposeScope();
        Magnitude = magnitude?.DetachFromDisposeScope();
        Alpha = alpha;
        Scaling = scaling;
        _dropout = dropout;
    }

    /// <summary>The matrix that is adapted.</summary>
    public AdaptableWeight Target { get; }

    /// <summary>[r, in] matrix A; owned by this layer.</summary>
    public Tensor A { get; }

    /// <summary>[out, r] matrix B; owned by this layer.</summary>
    public Tensor B { get; }

    /// <summary>[out] length m of every row (of Wᵀ for the embedding: [D]), owned by this layer; null without DoRA.</summary>
    public Tensor? Magnitude { get; }

    /// <summary>Number of the layer in its adapter, from 0.</summary>
    internal int Number { get; set; }

    /// <summary>Rank r.</summary>
    public int Rank => (int)A.shape[0];

    /// <summary>α of this layer.</summary>
    public double Alpha { get; }

    /// <summary>Factor s of the update.</summary>
    public double Scaling { get; }

    /// <summary>Whether A or B is all zero, as in an adapter that was never trained: there is no low-rank update.</summary>
    internal bool IsIdle
    {
        get
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            return !A.any().ToBoolean() || !B.any().ToBoolean();
        }
    }

    /// <summary>Adds the update to the output of a linear layer.</summary>
    /// <param name="x">[…, in] input of the layer.</param>
    /// <param name="y">[…, out] its output.</param>
    public Tensor Add(Tensor x, Tensor y)
    {
        if (Magnitude is not null && _dropout is { Acts: true })
            return AddDropped(Dropped(x), y);
        var sum = Plus(y, Low(Dropped(x)));
        if (Factor() is not { } factor)
            return sum;
        factor = factor.to(x.dtype);
        return Linear.Bias is { } bias ? (sum - bias) * factor + bias : sum * factor;
    }

    /// <summary>Adds the update to rows of the embedding.</summary>
    /// <param name="ids">[N] int64 ids.</param>
    /// <param name="rows">[N, D] their rows.</param>
    internal Tensor AddEmbedded(Tensor ids, Tensor rows)
    {
        var low = A.index_select(1, ids).t().to(rows.dtype).mul(Scaling);
        var sum = Plus(rows, low);
        return Factor() is { } factor ? sum * factor.to(rows.dtype) : sum;
    }

    /// <summary>[…, r] s·A·x' of a linear layer.</summary>
    /// <param name="thinned">[…, in] x', the input as <see cref="Dropped"/> leaves it.</param>
    internal Tensor Low(Tensor thinned) => functional.linear(thinned, A.to(thinned.dtype)).mul(Scaling);

    /// <summary>[out] factor of DoRA m / ‖W + s·B·A‖ in the dtype of the adapter, with a graph to m only; null without DoRA.</summary>
    internal Tensor? Factor() => Magnitude is null ? null : Magnitude / UpdatedNorms();

    /// <summary>[out] lengths of the rows of W; the start of a DoRA magnitude. Of the columns of an embedding.</summary>
    internal static Tensor RowNorms(AdaptableWeight target, torch.ScalarType dtype) => Norms(Oriented(target).to(dtype));

    /// <summary>The base matrix with the update in it, in the dtype of the adapter and the layout of the base; no graph, in the current dispose scope.</summary>
    internal Tensor Merged()
    {
        using var noGrad = torch.no_grad();
        var updated = Updated();
        var merged = Magnitude is null ? updated : updated * (Magnitude / Norms(updated)).unsqueeze(1);
        return Target is TokenEmbedding ? merged.t() : merged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Magnitude?.Dispose();
    }

    private Projection Linear => (Projection)Target;

    /// <summary>Whether dropout acts on the input now.</summary>
    internal bool Drops => _dropout is { Acts: true };

    /// <summary>The input as dropout leaves it. Linear in x: applied to a gradient it is the way back.</summary>
    internal Tensor Dropped(Tensor x) => _dropout is null ? x : _dropout.Apply(x, Number);

    /// <summary>With dropout DoRA is y + (f − 1) ∘ W·x' + f ∘ s·B·A·x' for the thinned input x', as in PEFT.</summary>
    private Tensor AddDropped(Tensor thinned, Tensor y)
    {
        var factor = Factor()!.to(y.dtype);
        var update = Plus(torch.zeros_like(y), Low(thinned)) * factor;
        return y + Linear.Base(thinned, null) * (factor - 1) + update;
    }

    /// <summary>y + low·Bᵀ.</summary>
    private Tensor Plus(Tensor y, Tensor low) =>
        torch.addmm(y.reshape(-1, B.shape[0]), low.reshape(-1, Rank), B.to(y.dtype).t(), 1, 1).reshape(y.shape);

    private Tensor UpdatedNorms()
    {
        using var noGrad = torch.no_grad();
        return Norms(Updated());
    }

    /// <summary>[out, in] W + s·B·A in the dtype of the adapter.</summary>
    private Tensor Updated() => torch.addmm(Oriented(Target).to(A.dtype), B.mul(Scaling), A, 1, 1);

    /// <summary>[out, in]: the weight of a linear layer, the transpose of an embedding.</summary>
    private static Tensor Oriented(AdaptableWeight target) => target is TokenEmbedding ? target.Current.t() : target.Current;

    private static Tensor Norms(Tensor weight) => weight.square().sum(1).sqrt();
}
