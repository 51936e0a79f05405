namespace Bft.Research.Objectives;

/// <summary>SFT: L = Σ −log p / N, every token of weight 1.</summary>
/// <remarks>Where nothing is supervised the loss is 0 with a gradient of 0; the causal LM loss of Hugging Face transformers gives NaN there.</remarks>
/// <param name="options">Only <see cref="ObjectiveOptions.Reduction"/> and <see cref="ObjectiveOptions.Epsilon"/> matter.</param>
public sealed class SupervisedFineTuning(ObjectiveOptions options) : WeightedObjective(options, "sft", Reduction.PerToken)
{
    private protected override bool HasWindows => false;

    private protected override (double Lowest, double SequenceWeight) WeighSample(
        ReadOnlySpan<double> logProbs, ReadOnlySpan<int> turns, Span<double> weights)
    {
        weights.Fill(1);
        return (0, 1);
    }
}
