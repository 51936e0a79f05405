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

/// <summary>A linear layer y = x·Wᵀ + b of a block, with a place for an adapter.</summary>
/// <remarks>It owns weight and bias, not the adapter. A weight that does not require grad costs no gradient work.</remarks>
public sealed class Projection : IDisposable
{
    internal Projection(string name, Tensor weight, Tensor? bias)
    {
        Name = name;
        Weight = weight;
        Bias = bias;
    }

    /// <summary>Name in Hugging Face files without <c>.weight</c>, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public string Name { get; }

    /// <summary>[rows, columns].</summary>
    public Tensor Weight { get; }

    /// <summary>[rows], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>What is added to the output, or null.</summary>
    public IProjectionAdapter? Adapter { get; set; }

    /// <summary>x·Wᵀ + b, then the adapter.</summary>
    /// <param name="x">[…, columns] in the dtype of the weight.</param>
    /// <returns>[…, rows], in the current dispose scope.</returns>
    public Tensor Forward(Tensor x)
    {
        var y = BFloat16Row.Fits(x, Weight) ? BFloat16Row.Multiply(x, Weight, Bias) : torch.nn.functional.linear(x, Weight, Bias);
        return Adapter is null ? y : Adapter.Add(x, y);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
