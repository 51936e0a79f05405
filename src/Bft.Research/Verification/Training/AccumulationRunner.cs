using Bft.Research.Data;
using Bft.Research.Objectives;
using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>What transformers' trainer does under gradient accumulation, against the named reductions of this library.</summary>
/// <remarks>
/// <c>default</c> and <c>custom-items</c> divide by the tokens of the accumulated batch (<see cref="Reduction.PerToken"/>); a custom mean divides each
/// micro-batch by its own tokens, which is one accumulation a micro-batch; the released BFT is <see cref="Reduction.SumOverMicroBatches"/>.
/// </remarks>
internal sealed class AccumulationRunner : ICaseRunner
{
    /// <summary>The window of these cases, which name none: that of the area's runs.</summary>
    private const int WindowOfUnnamed = 8;

    public bool Handles(GoldenCase golden) => golden.Kind is "trainer-accumulation" or "trainer-accumulation-remainder";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var loss = golden.Input("loss").Text();
        var own = loss is "custom-mean" or "override-mean";
        var options = new TrainerOptions
        {
            Objective = loss.StartsWith("custom-bft-", StringComparison.Ordinal)
                ? TrainingCases.Objective(loss["custom-".Length..], golden.OptionalInput("window"), reduction: Reduction.SumOverMicroBatches, unnamedWindow: WindowOfUnnamed)
                : TrainingCases.Objective("sft", null),
            RowsPerMicroBatch = (int)golden.Input("rows_per_micro_batch").Number(),
            Accumulation = (int)golden.Input("micro_batches").Number(),
            Epochs = 1,
            Rows = new() { Order = RowOrder.AsRead },
        };
        var rows = TrainingRows.Read(golden.Input("rows"));
        var plan = BatchPlan.Over(rows.Count, numbers => TrainingRows.Batch([.. numbers.Select(n => rows[n])]), options);
        var remainder = golden.Kind == "trainer-accumulation-remainder";
        compare.Exact("steps", remainder ? (int)golden.Expect("steps").Number() : 1, plan.Steps);
        var measured = new List<Measured>();
        TrainingCases.WithTrainer(golden, context, options, trainer =>
            measured.AddRange(Enumerable.Range(0, plan.Steps).Select(step => Measure(trainer, plan[step], own))));
        compare.Numbers("gradient_over_sum_of_micro_gradients", golden.Expect("gradient_over_sum_of_micro_gradients"), measured.Select(m => m.Ratio).ToArray());
        compare.Numbers("sum_of_micro_losses", golden.Expect("sum_of_micro_losses"), measured.Select(m => m.Loss).ToArray());
        compare.Numbers("logged_loss", golden.Expect("logged_loss"), measured.Select(m => m.Loss).ToArray());
        if (golden.Expect("num_items_in_batch").GetArrayLength() > 0)
            compare.Numbers("num_items_in_batch", golden.Expect("num_items_in_batch"), measured.SelectMany(m => Enumerable.Repeat((double)m.Tokens, m.MicroBatches)).ToArray());
        if (remainder)
            return;
        compare.Number("supervised_tokens", golden.Expect("supervised_tokens").Number(), measured[0].Tokens);
        compare.Number("grad_norm", golden.Expect("grad_norm").Number(), measured[0].Norm);
        compare.Number("relative_residual", golden.Expect("relative_residual").Number(), measured[0].Residual);
        compare.Exact("divided_by_accumulation_steps", golden.Expect("divided_by_accumulation_steps").GetBoolean(), Math.Abs(measured[0].Ratio * measured[0].MicroBatches - 1) < 1e-3 && measured[0].MicroBatches > 1);
    }

    private sealed record Measured(double Loss, long Tokens, int MicroBatches, double Norm, double Ratio, double Residual);

    /// <summary>The accumulated gradient of a step, and how it relates to the sum of the gradients of its micro-batches taken one by one.</summary>
    private static Measured Measure(Trainer trainer, IReadOnlyList<TokenBatch> batches, bool ownDenominator)
    {
        var oneByOne = new double[trainer.Tensors.Sum(t => t.Value.numel())];
        foreach (var batch in batches)
        {
            var part = Take(trainer, () => trainer.Accumulate([batch], ownDenominator ? null : Trainer.Totals(batches)));
            for (var i = 0; i < oneByOne.Length; i++)
                oneByOne[i] += part.Gradient[i];
        }

        var (sums, together) = Take(trainer, () =>
        {
            var parts = ownDenominator ? batches.Select(b => trainer.Accumulate([b])).ToList() : [trainer.Accumulate(batches)];
            return (Loss: parts.Sum(p => p.Loss), Tokens: parts.Sum(p => p.Tokens));
        });
        double dot = 0, square = 0, residual = 0, norm = 0;
        for (var i = 0; i < together.Length; i++)
        {
            dot += together[i] * oneByOne[i];
            square += oneByOne[i] * oneByOne[i];
            norm += together[i] * together[i];
        }

        var ratio = dot / square;
        for (var i = 0; i < together.Length; i++)
            residual += Math.Pow(together[i] - ratio * oneByOne[i], 2);
        return new(sums.Loss, sums.Tokens, batches.Count, Math.Sqrt(norm), ratio, Math.Sqrt(residual / norm));
    }

    private static (T Result, double[] Gradient) Take<T>(Trainer trainer, Func<T> run)
    {
        var result = run();
        double[] gradient = [.. trainer.Tensors.SelectMany(t => TrainingCases.Doubles(t.Gradient!))];
        foreach (var tensor in trainer.Tensors)
            tensor.ZeroGradient();
        return (result, gradient);
    }
}
