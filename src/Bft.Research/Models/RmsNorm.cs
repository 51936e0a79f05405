namespace Bft.Research.Models;

/// <summary>Root-mean-square norm x / √(mean x² + ε) · w over the last dimension (Zhang and Sennrich 2019).</summary>
/// <remarks>As in Transformers, 16-bit inputs are normalised in float32 and rounded before the weight is applied. Unlike there, float64 stays float64.</remarks>
internal sealed class RmsNorm(Tensor weight, double epsilon) : IDisposable
{
    private static readonly long[] s_last = [-1];

    /// <summary>[width].</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>ε.</summary>
    public double Epsilon => epsilon;

    /// <summary>[…, width] to […, width], same dtype, in the current dispose scope.</summary>
    public Tensor Forward(Tensor x)
    {
        var wide = x.dtype is torch.ScalarType.Float64 or torch.ScalarType.Float32 ? x : x.to(torch.ScalarType.Float32);
        var scale = wide.square().mean(s_last, keepdim: true).add_(epsilon).rsqrt_();
        var normed = wide * scale;
        return (normed.dtype == x.dtype ? normed : normed.to(x.dtype)) * Weight;
    }

    /// <inheritdoc/>
    public void Dispose() => Weight.Dispose();
}
