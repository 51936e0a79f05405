using Bft.Research.Numerics;
using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>Runs the cases of optimisers, clipping, schedules and row counts.</summary>
internal sealed class OptimizerRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind is "adamw" or "clip" or "schedule" or "rows" or "trainer-count";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        switch (golden.Kind)
        {
            case "adamw":
                compare.Widen(context.DtypeTolerance);
                RunAdamW(golden, compare, context);
                break;
            case "clip":
                compare.Widen(context.DtypeTolerance);
                RunClip(golden, compare, context);
                break;
            case "schedule":
                RunSchedule(golden, compare);
                break;
            case "rows":
                compare.ExactSequence("supervised_tokens", golden.Expect("supervised_tokens").Integers(), TrainingRows.Read(golden.Input("rows")).Select(r => r.Supervised));
                break;
            default:
                RunCount(golden, compare);
                break;
        }
    }

    private static void RunAdamW(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var betas = golden.Input("betas").Numbers();
        var options = new AdamWOptions
        {
            Beta1 = betas[0],
            Beta2 = betas[1],
            Epsilon = golden.Input("eps").Number(),
            WeightDecay = golden.Input("weight_decay").Number(),
        };
        using var tensor = new TrainedTensor("x", torch.tensor(golden.Input("start").Numbers(), context.Dtype, context.Device));
        using var adam = new AdamW([tensor], options);
        var after = golden.Expect("parameters_after_each_step").NumberRows();
        var gradients = golden.Input("gradients").NumberRows();
        for (var step = 0; step < gradients.Length; step++)
        {
            tensor.ZeroGradient();
            tensor.Value.backward([torch.tensor(gradients[step], context.Dtype, context.Device)]);
            tensor.Collect();
            adam.Step(golden.Input("lr").Number());
            compare.Numbers($"step {step}", after[step], Doubles(tensor.Value));
        }

        compare.Numbers("exp_avg", golden.Expect("exp_avg"), Doubles(adam.Means[0]));
        compare.Numbers("exp_avg_sq", golden.Expect("exp_avg_sq"), Doubles(adam.Squares[0]));
    }

    private static void RunClip(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var gradients = golden.Input("gradients").NumberRows();
        var tensors = gradients.Select((g, i) => new TrainedTensor($"x{i}", torch.zeros(g.Length, context.Dtype, context.Device))).ToList();
        for (var i = 0; i < tensors.Count; i++)
        {
            tensors[i].Value.backward([torch.tensor(gradients[i], context.Dtype, context.Device)]);
            tensors[i].Collect();
        }

        compare.Number("norm", golden.Expect("norm").Number(), GradientClip.Apply(tensors, golden.Input("max_norm").Number()));
        var clipped = golden.Expect("clipped").NumberRows();
        for (var i = 0; i < tensors.Count; i++)
        {
            compare.Numbers($"clipped[{i}]", clipped[i], Doubles(tensors[i].Gradient!));
            tensors[i].Dispose();
        }
    }

    private static void RunSchedule(GoldenCase golden, Comparison compare)
    {
        var schedule = Schedule(golden.Input("name").Text(), golden.Input("lr").Number(), golden);
        var expected = golden.Expect("learning_rates").Numbers();
        compare.Numbers("learning_rates", expected, Enumerable.Range(0, expected.Length).Select(schedule.At).ToArray());
    }

    private static LearningRateSchedule Schedule(string name, double rate, GoldenCase golden) => new()
    {
        Kind = name switch
        {
            "constant" or "constant_with_warmup" => ScheduleKind.Constant,
            "linear" => ScheduleKind.Linear,
            "cosine" => ScheduleKind.Cosine,
            "cosine_with_min_lr" => ScheduleKind.CosineWithMinimum,
            "cosine_with_restarts" => ScheduleKind.CosineWithRestarts,
            "polynomial" => ScheduleKind.Polynomial,
            _ => throw new InvalidDataException($"{golden.File}: case {golden.Id}: unknown schedule '{name}'."),
        },
        Peak = rate,
        WarmupSteps = name == "constant" ? 0 : (int)golden.Input("warmup_steps").Number(),
        TotalSteps = (int)golden.Input("total_steps").Number(),
        Shape = new()
        {
            MinimumRatio = golden.OptionalInput("min_lr_rate")?.Number(),
            MinimumRate = golden.OptionalInput("min_lr")?.Number(),
            Cycles = golden.OptionalInput("num_cycles")?.Number(),
            Power = golden.OptionalInput("power")?.Number(),
            FinalRate = golden.OptionalInput("lr_end")?.Number(),
        },
    };

    private static void RunCount(GoldenCase golden, Comparison compare)
    {
        var rows = TrainingRows.Read(golden.Input("rows"));
        compare.Number("num_items_in_batch", golden.Expect("num_items_in_batch").Number(), rows.Sum(r => r.Supervised));
        compare.Number("labels_without_first_column", golden.Expect("labels_without_first_column").Number(), rows.Sum(r => r.Supervised));
        compare.Number("labels_all_columns", golden.Expect("labels_all_columns").Number(), rows.Sum(r => r.Labels.Count(l => l != NextToken.Ignored)));
    }

    private static double[] Doubles(Tensor tensor) => tensor.detach().to(torch.ScalarType.Float64).cpu().data<double>().ToArray();
}
