namespace Bft.Research.Training;

/// <summary>Clips gradients by their common 2-norm, as torch.nn.utils.clip_grad_norm_.</summary>
public static class GradientClip
{
    /// <summary>Scales all gradients by min(1, maxNorm / (norm + 1e-6)) in place when that is below 1.</summary>
    /// <param name="tensors">What is trained; tensors without a gradient do not count.</param>
    /// <param name="maxNorm">Largest norm allowed; +∞ only measures.</param>
    /// <returns>The norm before clipping; NaN or infinite when a gradient is, in which case nothing is scaled.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not positive.</exception>
    public static double Apply(IReadOnlyList<TrainedTensor> tensors, double maxNorm)
    {
        if (!(maxNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "The largest gradient norm must be positive.");
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        List<Tensor> gradients = [.. tensors.Select(t => t.Gradient).OfType<Tensor>()];
        if (gradients.Count == 0)
            return 0;
        // One transfer from the device for all tensors together; squares of norms are added in float64.
        var norms = torch.stack([.. gradients.Select(g => g.norm().to(torch.ScalarType.Float64))]);
        var norm = norms.norm().item<double>();
        var factor = Factor(norm, maxNorm);
        if (factor < 1)
            foreach (var gradient in gradients)
                gradient.mul_(factor);
        return norm;
    }

    /// <summary>What gradients of a norm are multiplied by, if it is below 1.</summary>
    internal static double Factor(double norm, double maxNorm) => maxNorm / (norm + 1e-6);
}
