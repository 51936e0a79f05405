using System.Text.Json;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>LoRA steps on the real model, by the trainer itself.</summary>
/// <remarks>Where float64 is asked for the model runs in float32, as the other cases of this area: their tolerances are what float32 reaches.</remarks>
internal sealed class RealTrajectoryRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "trajectory" && golden.OptionalInput("rows_per_step") is not null;

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        if (context.Dtype != torch.ScalarType.Float64)
            compare.Widen(context.DtypeTolerance);
        var dtype = context.Dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float32 : context.Dtype;
        var folder = context.Resolve(golden, golden.Input("model").Text());
        var model = context.Cached($"CausalLm {folder} {dtype}", () => CausalLm.Load(folder, dtype, context.Device));
        using var adapter = LoraAdapter.Load(model, context.Resolve(golden, golden.Input("adapter").Text()));
        using var trainer = new Trainer(model, Options(golden), adapter);

        var rows = golden.Input("rows") is { ValueKind: JsonValueKind.Array } own ? own
            : TrainingCases.Other(golden, Path.GetFileName(golden.File), golden.Input("rows").Text().Replace("as ", "", StringComparison.Ordinal)).Input("rows");
        var perStep = (int)golden.Input("rows_per_step").Number();
        var batches = TrainingRows.MicroBatches(TrainingRows.Read(rows), perStep, (long)golden.Input("pad_id").Number());
        var plan = BatchPlan.Of([.. batches.Take((int)golden.Input("steps").Number()).Select(b => new[] { b })]);
        var reports = new Reports();
        trainer.Run(plan, progress: reports);
        compare.Numbers("loss", golden.Expect("loss"), reports.Select(r => r.Loss).ToArray());
        compare.Numbers("nll", golden.Expect("nll"), reports.Select(r => r.MeanNll).ToArray());
        compare.Numbers("grad_norm", golden.Expect("grad_norm"), reports.Select(r => r.GradientNorm).ToArray());
        compare.ExactSequence("supervised_tokens", golden.Expect("supervised_tokens").Integers(), reports.Select(r => r.SupervisedTokens));
        CompareAfter(golden, compare, trainer, adapter, plan);
    }

    private static void CompareAfter(GoldenCase golden, Comparison compare, Trainer trainer, LoraAdapter adapter, BatchPlan plan)
    {
        var after = trainer.Accumulate(plan[0]);
        compare.Number("loss_after_on_batch_0", golden.Expect("loss_after_on_batch_0").Number(), after.Loss);
        compare.Number("nll_after_on_batch_0", golden.Expect("nll_after_on_batch_0").Number(), after.Nll / after.Tokens);
        var squares = golden.Expect("adapter_sum_of_squares");
        compare.Number("sum of squares of A", squares.GetProperty("A").Number(), adapter.Layers.Sum(l => SumOfSquares(l.A)));
        compare.Number("sum of squares of B", squares.GetProperty("B").Number(), adapter.Layers.Sum(l => SumOfSquares(l.B)));
        var parameters = adapter.Parameters.ToDictionary(p => $"base_model.model.{p.Name}", p => p.Value);
        foreach (var sample in golden.Expect("adapter_samples").EnumerateObject())
            compare.Numbers(sample.Name, sample.Value, TrainingCases.Doubles(parameters[sample.Name]).AsSpan(0, sample.Value.GetArrayLength()));
    }

    private static TrainerOptions Options(GoldenCase golden)
    {
        var optimizer = golden.Input("optimizer");
        return new()
        {
            Objective = TrainingCases.Objective(golden.Input("objective").Text(), golden.OptionalInput("group_size"), golden.Input("eps").Number()),
            LearningRate = optimizer.GetProperty("lr").Number(),
            Schedule = ScheduleKind.Constant,
            WarmupSteps = 0,
            MaxGradientNorm = golden.Input("clip_norm").Number(),
            DecayBiasesAndNorms = true,
            Optimizer = new()
            {
                Beta1 = optimizer.GetProperty("beta1").Number(),
                Beta2 = optimizer.GetProperty("beta2").Number(),
                Epsilon = optimizer.GetProperty("eps").Number(),
                WeightDecay = optimizer.GetProperty("weight_decay").Number(),
            },
        };
    }

    private static double SumOfSquares(Tensor tensor) => TrainingCases.Doubles(tensor).Sum(v => v * v);

    private sealed class Reports : List<StepReport>, IProgress<StepReport>
    {
        public void Report(StepReport value) => Add(value);
    }
}
