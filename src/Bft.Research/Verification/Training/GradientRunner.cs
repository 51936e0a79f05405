using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>Gradients, weights and losses of one batch.</summary>
internal sealed class GradientRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "gradient";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var options = new TrainerOptions
        {
            Objective = TrainingCases.Objective(golden.Input("objective").Text(), golden.OptionalInput("window"), golden.OptionalInput("epsilon")?.Number() ?? 1e-8),
        };
        var batch = TrainingRows.Batch(TrainingRows.Read(golden.Input("rows")));
        TrainingCases.WithTrainer(golden, context, options, trainer =>
        {
            trainer.Observe = (_, result) =>
            {
                compare.Numbers("sequence_weights", golden.Expect("sequence_weights"), result.Weighting.SequenceWeights);
                compare.Numbers("token_weights", golden.Expect("token_weights"), result.Weighting.TokenWeights);
                compare.Numbers("token_log_probabilities", golden.Expect("token_log_probabilities"), result.LogProbs);
            };
            var sums = trainer.Accumulate([batch]);
            compare.Number("loss", golden.Expect("loss").Number(), sums.Loss);
            compare.Number("mean_nll", golden.Expect("mean_nll").Number(), sums.Nll / sums.Tokens);
            compare.Exact("supervised_tokens", (long)golden.Expect("supervised_tokens").Number(), sums.Tokens);
            var expected = golden.Expect("gradients").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
            compare.ExactSequence("names", expected.Keys.Order(StringComparer.Ordinal), trainer.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
            foreach (var tensor in trainer.Tensors.Where(t => expected.ContainsKey(t.Name)))
                compare.Numbers(tensor.Name, golden.Numbers(expected[tensor.Name]), TrainingCases.Doubles(tensor.Gradient!));
            compare.Number("grad_norm", golden.Expect("grad_norm").Number(), GradientClip.Apply(trainer.Tensors, double.PositiveInfinity));
        });
    }
}
