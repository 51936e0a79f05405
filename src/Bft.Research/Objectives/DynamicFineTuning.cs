namespace Bft.Research.Objectives;

/// <summary>DFT (arXiv 2508.05629): L = Σ c · −log p / N with the weight c = p constant for the gradient.</summary>
/// <remarks>Where nothing is supervised the loss is 0 with a gradient of 0; the released function returns a constant without a graph there.</remarks>
/// <param name="options">Only <see cref="ObjectiveOptions.Reduction"/> and <see cref="ObjectiveOptions.Epsilon"/> matter.</param>
public sealed class DynamicFineTuning(ObjectiveOptions options) : WeightedObjective(options, "dft", Reduction.PerToken)
{
    private protected override bool HasWindows => false;

    private protected override (double Lowest, double SequenceWeight) WeighSample(
        ReadOnlySpan<double> logProbs, ReadOnlySpan<int> turns, Span<double> weights)
    {
        for (var t = 0; t < weights.Length; t++)
            weights[t] = Math.Exp(logProbs[t]);
        return (0, 1);
    }
}
