using Bft.Research.Models.Generation;

namespace Bft.Research.Verification.Generation;

/// <summary>Kind <c>sampling-filter</c>: probabilities after penalty, temperature, top-k, top-p and min-p.</summary>
internal sealed class SamplingFilterRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "sampling-filter";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        double Setting(string name, double off) => golden.OptionalInput(name)?.Number() ?? off;
        var filters = new SamplingFilters
        {
            RepetitionPenalty = Setting("repetition_penalty", 1),
            Temperature = Setting("temperature", 1),
            TopK = (int)Setting("top_k", 0),
            TopP = Setting("top_p", 1),
            MinP = Setting("min_p", 0),
        };
        compare.ExactSequence("problems", [], filters.Validate());
        var probabilities = filters.Apply(golden.Input("logits").Numbers(), golden.OptionalInput("history")?.Integers() ?? []);
        compare.Numbers("probabilities", golden.Expect("probabilities"), probabilities);
        compare.ExactSequence("kept", golden.Expect("kept").Integers(), Enumerable.Range(0, probabilities.Length).Where(id => probabilities[id] > 0).Select(id => (long)id));
    }
}
