namespace Bft.Research.Models;

/// <summary>How far two models are apart in their logits over the same tokens.</summary>
/// <param name="Largest">Largest difference of two logits.</param>
/// <param name="Mean">Mean of the differences' sizes.</param>
/// <param name="Deviation">Standard deviation of the logits of the first model over the vocabulary, the mean over positions.</param>
/// <param name="Positions">Number of positions compared.</param>
/// <param name="SameBest">At how many of them both find the same token the most probable.</param>
public sealed record LogitDrift(double Largest, double Mean, double Deviation, int Positions, int SameBest)
{
    /// <summary><see cref="Largest"/> in units of <see cref="Deviation"/>.</summary>
    public double Relative => Largest / Deviation;

    /// <summary><see cref="Mean"/> in units of <see cref="Deviation"/>.</summary>
    public double RelativeMean => Mean / Deviation;

    /// <summary>Whether the largest difference keeps to a bound, and the mean to a tenth of it; not so when something is not finite.</summary>
    /// <param name="bound">Largest <see cref="Relative"/> accepted.</param>
    public bool Within(double bound) => Relative <= bound && RelativeMean <= bound / 10;

    /// <summary>Compares.</summary>
    /// <param name="expected">[N, V] logits of the first model.</param>
    /// <param name="actual">[N, V] logits of the second.</param>
    public static LogitDrift Between(Tensor expected, Tensor actual)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var wide = expected.to(torch.ScalarType.Float64);
        var difference = (wide - actual.to(torch.ScalarType.Float64)).abs();
        var same = wide.argmax(1).eq(actual.argmax(1)).sum().ToInt64();
        return new(difference.max().ToDouble(), difference.mean().ToDouble(), wide.std(1).mean().ToDouble(), (int)wide.shape[0], (int)same);
    }
}
