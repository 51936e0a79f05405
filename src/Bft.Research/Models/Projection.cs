namespace Bft.Research.Models;

/// <summary>Adds something learned to the output of a linear layer, for example a low-rank product.</summary>
public interface IProjectionAdapter
{
    /// <summary>y + adapter(x).</summary>
    /// <param name="x">[…, columns] input of the layer.</param>
    /// <param name="y">[…, rows] output of the layer with its bias.</param>
    /// <returns>[…, rows]; may be <paramref name="y"/> changed in place. It belongs to the current dispose scope.</returns>
    Tensor Add(Tensor x, Tensor y);
}

/// <summary>A linear layer y = x·Wᵀ + b of a block, or the head, with a place for an adapter.</summary>
/// <remarks>It owns weight and bias, not the adapter. A weight that does not require grad costs no gradient work.</remarks>
public sealed class Projection : AdaptableWeight, IDisposable
{
    internal Projection(string name, Tensor weight, Tensor? bias)
        : base(name, weight) => Bias = bias;

    /// <summary>[rows], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>What is added to the output, or null.</summary>
    public IProjectionAdapter? Adapter { get; set; }

    internal override bool IsAdapted => Adapter is not null || Replacement is not null;

    /// <summary>x·Wᵀ + b, then the adapter.</summary>
    /// <param name="x">[…, columns] in the dtype of the weight.</param>
    /// <returns>[…, rows], in the current dispose scope.</returns>
    public Tensor Forward(Tensor x)
    {
        var y = Base(x, Bias);
        return Adapter is null ? y : Adapter.Add(x, y);
    }

    /// <summary>x·Wᵀ + b without the adapter.</summary>
    internal Tensor Base(Tensor x, Tensor? bias) =>
        BFloat16Row.Fits(x, Current) ? BFloat16Row.Multiply(x, Current, bias) : torch.nn.functional.linear(x, Current, bias);

    /// <inheritdoc/>
    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
