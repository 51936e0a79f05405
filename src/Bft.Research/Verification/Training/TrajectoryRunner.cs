using System.Text.Json;
using Bft.Research.Objectives;
using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>Whole optimiser runs on the tiny models, by the trainer itself; and the same runs as transformers' trainer logged them.</summary>
internal sealed class TrajectoryRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "trainer-run" || (golden.Kind == "trajectory" && golden.OptionalInput("batches") is not null);

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        if (golden.Kind == "trajectory")
        {
            Run(golden, golden, compare, context, ["loss", "mean_nll", "grad_norm", "learning_rate"]);
            return;
        }

        var run = TrainingCases.Other(golden, "trajectories.json", golden.Input("trajectory").Text());
        Run(run, golden, compare, context, ["logged_loss", "", "logged_grad_norm", "logged_learning_rate"]);
    }

    private static void Run(GoldenCase run, GoldenCase expected, Comparison compare, VerificationContext context, string[] names)
    {
        var rows = TrainingRows.Read(Verifier.Read(context.Resolve(run, run.Input("rows_file").Text()))[0].Input("rows"));
        var perMicroBatch = (int)run.Input("rows_per_micro_batch").Number();
        var plan = BatchPlan.Of([.. run.Input("batches").IntegerRows().Select(numbers => TrainingRows.MicroBatches(numbers.Select(n => rows[(int)n]), perMicroBatch))]);
        TrainingCases.WithTrainer(run, context, Options(run), trainer =>
        {
            var reports = new Reports();
            trainer.Run(plan, progress: reports);
            Func<StepReport, double>[] values = [r => r.Loss, r => r.MeanNll, r => r.GradientNorm, r => r.LearningRate];
            for (var i = 0; i < names.Length; i++)
                if (names[i].Length > 0)
                    compare.Numbers(names[i], expected.Expect(names[i]), reports.Select(values[i]).ToArray());
            CompareFinal(run, expected, compare, trainer);
        });
    }

    private static void CompareFinal(GoldenCase run, GoldenCase expected, Comparison compare, Trainer trainer)
    {
        var source = expected.OptionalInput("final_of") is { } of ? TrainingCases.Other(run, Path.GetFileName(run.File), of.Text())
            : run.OptionalExpect("final") is null && run.OptionalExpect("compared_with") is { } with ? TrainingCases.Other(run, Path.GetFileName(run.File), with.Text())
            : run;
        var final = source.Expect("final").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        compare.ExactSequence("names", final.Keys.Order(StringComparer.Ordinal), trainer.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
        foreach (var tensor in trainer.Tensors.Where(t => final.ContainsKey(t.Name)))
            compare.Numbers(tensor.Name, source.Numbers(final[tensor.Name]), TrainingCases.Doubles(tensor.Value));
    }

    private static TrainerOptions Options(GoldenCase run)
    {
        JsonElement optimizer = run.Input("optimizer"), schedule = run.Input("schedule");
        var betas = optimizer.GetProperty("betas").Numbers();
        return new()
        {
            Objective = TrainingCases.Objective(
                run.Input("objective").Text(),
                run.OptionalInput("window"),
                run.Input("epsilon").Number(),
                run.Input("reduction").Text() == "released-sum" ? Reduction.SumOverMicroBatches : null),
            LearningRate = optimizer.GetProperty("lr").Number(),
            Schedule = schedule.GetProperty("name").Text() switch
            {
                "cosine" => ScheduleKind.Cosine,
                "linear" => ScheduleKind.Linear,
                "constant" or "constant_with_warmup" => ScheduleKind.Constant,
                var other => throw new InvalidDataException($"{run.File}: case {run.Id}: schedule '{other}' is not known here."),
            },
            WarmupSteps = (int)schedule.GetProperty("warmup_steps").Number(),
            MaxGradientNorm = run.Input("max_grad_norm").Number(),
            DecayBiasesAndNorms = optimizer.GetProperty("decay").Text() == "every trained tensor",
            Optimizer = new()
            {
                Beta1 = betas[0],
                Beta2 = betas[1],
                Epsilon = optimizer.GetProperty("eps").Number(),
                WeightDecay = optimizer.GetProperty("weight_decay").Number(),
            },
        };
    }

    private sealed class Reports : List<StepReport>, IProgress<StepReport>
    {
        public void Report(StepReport value) => Add(value);
    }
}
