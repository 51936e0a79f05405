using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

public class LoopControlTests
{
    private static readonly TrainerOptions Options = new()
    {
        Lora = new() { Rank = 2 },
        Objective = new() { ConfidenceWindow = 2 },
        LearningRate = 0.01,
        Schedule = ScheduleKind.Constant,
        WarmupSteps = 0,
        RowsPerMicroBatch = 2,
        Accumulation = 2, // 8 rows: two steps an epoch
        Epochs = 5,
        EvaluateEvery = 1,
        Checkpoints = new() { Every = 100, Keep = 1 },
    };

    [Fact]
    public void A_bad_gradient_stops_with_step_rows_and_the_checkpoint_of_the_step_before()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32) { Observe = Spoil(5) };
        var error = Assert.Throws<TrainingStoppedException>(() => run.Start());
        Assert.Equal((3, StopCause.NonFinite), (error.Step, error.Cause));
        Assert.Equal(4, error.Rows.Count);
        Assert.All(error.Rows, row => Assert.StartsWith("rows.jsonl:", row));
        Assert.EndsWith($"; last good checkpoint: {error.Checkpoint}", error.Message);
        Assert.Equal(2, TrainingCheckpoint.Open(error.Checkpoint!).Step);
        Assert.EndsWith("step-00000002", error.Checkpoint);

        // What it held is what a run has that never saw the bad step.
        using var straight = new TinyRun(Options, torch.ScalarType.Float32) { Change = task => task with { StopAfter = 2 } };
        straight.Start();
        Assert.Equal(straight.Bytes(), run.Bytes());
        run.Observe = null;
        Assert.Equal(EndReason.Completed, run.Resume().Reason);
    }

    [Fact]
    public void A_bad_step_can_be_left_out_and_no_weight_or_moment_knows_of_it()
    {
        var options = Options with { NonFinite = new() { Policy = OnNonFinite.Skip } };
        using var run = new TinyRun(options, torch.ScalarType.Float32) { Observe = Spoil(5, 7) };
        var end = run.Start();
        Assert.Equal((EndReason.Completed, 10, 2), (end.Reason, end.Step, end.Skipped));
        Assert.Equal([3, 4], run.Skips.Select(s => s.Step));
        Assert.Equal([(1, 1), (2, 2)], run.Skips.Select(s => (s.InARow, s.Total)));
        Assert.All(run.Skips, s => Assert.Equal(4, s.Rows.Count));
        Assert.Equal([1, 2, 5, 6, 7, 8, 9, 10], run.Steps.Select(s => s.Step));
        Assert.Equal(2, run.Steps[2].SkippedSteps);

        // The same as a plan without these steps; the wrong variant, a step with zero gradients, would still move the moments.
        Assert.Equal(Without(zeroed: false), Weights(run.Newest));
        Assert.NotEqual(Without(zeroed: true), Weights(run.Newest));
        Assert.Equal(8, CheckpointRecord.Read(run.Newest).OptimizerSteps);
    }

    [Fact]
    public void Skips_in_a_row_have_a_limit_that_a_good_step_resets_and_a_resumption_remembers()
    {
        var options = Options with { NonFinite = new() { Policy = OnNonFinite.Skip, MaxSkipsInARow = 2 } };
        using var run = new TinyRun(options, torch.ScalarType.Float32) { Observe = Spoil(1, 3, 7, 9) };
        Assert.Equal(4, run.Start().Skipped); // two, a good step, two

        using var bad = new TinyRun(options, torch.ScalarType.Float32) { Observe = Spoil(1, 3, 5) };
        var error = Assert.Throws<TrainingStoppedException>(() => bad.Start());
        Assert.Equal(3, error.Step);
        bad.Observe = Spoil(1); // the third in a row, after the two of before
        Assert.Equal(3, Assert.Throws<TrainingStoppedException>(() => bad.Resume()).Step);
        bad.Observe = null;
        Assert.Equal((EndReason.Completed, 2), (bad.Resume() is var end ? end.Reason : default, end.Skipped));
    }

    [Fact]
    public void A_run_that_no_longer_gains_ends_and_keeps_its_best()
    {
        // So high a rate that held-out rows get worse after the first steps.
        var options = Options with { LearningRate = 0.5, Epochs = 20, Stopping = new() { Patience = 3 } };
        using var run = new TinyRun(options, torch.ScalarType.Float32);
        var end = run.Start();
        Assert.Equal(EndReason.NoGain, end.Reason);
        var values = run.Evaluations.Select(e => e.MeanNll).ToList();
        Assert.Equal(values.IndexOf(values.Min()) + 1, end.BestStep);
        Assert.Equal(end.BestStep + 3, end.Step);
        Assert.Equal(end.BestStep, TrainingCheckpoint.Open(end.BestCheckpoint!).Step);
        Assert.Equal(2, run.Checkpoints.Count); // the last and the best
        Assert.Equal(end, run.Resume()); // goes nowhere, also after a resumption

        using var other = new TinyRun(options with { Stopping = new() { Patience = 3, Metric = HeldOutMetric.MeanConfidence } }, torch.ScalarType.Float32);
        var byConfidence = other.Start();
        var confidences = other.Evaluations.Select(e => e.MeanConfidence).ToList();
        Assert.Equal(confidences.IndexOf(confidences.Max()) + 1, byConfidence.BestStep); // the wrong variant would take the lowest

        using var greedy = new TinyRun(options with { Stopping = new() { Patience = 2, MinimumGain = 100 } }, torch.ScalarType.Float32);
        Assert.Equal((EndReason.NoGain, 3, 1), (greedy.Start() is var early ? early.Reason : default, early.Step, early.BestStep));
    }

    [Fact]
    public void What_is_forgotten_is_measured_against_the_start_and_can_end_a_run()
    {
        static TrainingTask General(TrainingTask task) => task with { General = Other() };
        var options = Options with { LearningRate = 0.5, Stopping = new() { ForgettingEvery = 2 } };
        using var run = new TinyRun(options, torch.ScalarType.Float32) { Change = General };
        Assert.Equal(EndReason.Completed, run.Start().Reason);
        var general = run.Evaluations.Where(e => e.Set == EvaluationSet.General).ToList();
        Assert.Equal([0, 2, 4, 6, 8, 10], general.Select(e => e.Step));
        Assert.Equal(0, general[0].NllChange);
        Assert.All(general, e => Assert.Equal(e.MeanNll - general[0].MeanNll, e.NllChange!.Value, 1e-12));
        Assert.All(run.Evaluations.Where(e => e.Set == EvaluationSet.HeldOut), e => Assert.Null(e.NllChange));

        var limit = general.Max(e => e.NllChange!.Value) - 1e-9;
        Assert.True(limit > 0.1);
        using var limited = new TinyRun(options with { Stopping = new() { ForgettingEvery = 2, MaxForgetting = limit } }, torch.ScalarType.Float32) { Change = General };
        var end = limited.Start();
        Assert.Equal((EndReason.Forgetting, general.First(e => e.NllChange > limit).Step), (end.Reason, end.Step));
        Assert.Contains("general text forgotten", $"{end}");

        // A resumption has the start of the run, not one of its own.
        using var broken = new TinyRun(options, torch.ScalarType.Float32) { Change = General };
        broken.Cancelled(7);
        broken.Resume();
        Assert.Equal(run.Evaluations, broken.Evaluations);
    }

    [Fact]
    public void Running_out_of_memory_names_the_lengths_of_the_rows_and_leaves_the_last_step_whole()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32)
        {
            Observe = (_, seen) =>
            {
                if (seen == 6)
                    using (torch.zeros(1L << 50)) // a petabyte: libtorch's own error
                    {
                    }
            },
        };
        var error = Assert.Throws<TrainingStoppedException>(() => run.Start());
        Assert.Equal((3, StopCause.OutOfMemory), (error.Step, error.Cause));
        var lengths = error.Rows.Select(row => Rows[int.Parse(row["rows.jsonl:".Length..]) - 1].Length).ToList();
        Assert.Contains($"a micro-batch of 2 rows × {lengths.Max()} tokens (tokens of the rows: {string.Join(", ", lengths)})", error.Message);
        Assert.Contains("wanted ", error.Message);
        Assert.Contains("change rowsPerMicroBatch to 1 and accumulation to 4: ", error.Message); // the memory plan's cheapest
        Assert.Matches(@"planned \d+ MB \(.+ MB, .+ MB, .+ MB, …\)", error.Message);
        Assert.Equal(2, TrainingCheckpoint.Open(error.Checkpoint!).Step);
        run.Observe = null;
        Assert.Equal(EndReason.Completed, run.Resume().Reason);
        using var straight = new TinyRun(Options, torch.ScalarType.Float32);
        straight.Start();
        Assert.Equal(straight.Bytes(), run.Bytes());
    }

    [Fact]
    public void Only_a_lack_of_memory_counts_as_one()
    {
        Assert.True(OutOfMemory.Is(new OutOfMemoryException()));
        Assert.True(OutOfMemory.Is(Assert.ThrowsAny<Exception>(() => torch.zeros(1L << 50))));
        Assert.False(OutOfMemory.Is(Assert.ThrowsAny<Exception>(() => torch.zeros(2, 3).mm(torch.zeros(2, 3)))));
        Assert.False(OutOfMemory.Is(new IOException("out of memory")));
    }

    [Fact]
    public void The_last_checkpoints_and_the_best_are_kept()
    {
        using var run = new TinyRun(Options with { Checkpoints = new() { Every = 1, Keep = 2 } }, torch.ScalarType.Float32) { Change = task => task with { HeldOut = Other() } };
        var end = run.Start();
        Assert.True(end.BestStep < 9, $"{end.BestStep}"); // what is learnt makes these rows less likely
        Assert.Equal([end.BestStep!.Value, 9, 10], run.Checkpoints.Select(c => TrainingCheckpoint.Open(c).Step));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.Combine(run.Folder, "checkpoints")), e => e.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Throws<IOException>(() => CheckpointFolder.Create(run.Folder)); // a new run never mixes with an old one
        using var held = CheckpointFolder.Resume(run.Folder);
        Assert.Contains("another process", Assert.Throws<IOException>(() => CheckpointFolder.Resume(run.Folder)).Message);
    }

    [Fact]
    public void What_ends_a_run_needs_something_to_measure()
    {
        var problems = (Options with
        {
            EvaluateEvery = 0,
            Checkpoints = new() { Every = -1, Keep = 0 },
            Stopping = new() { Patience = 0, MinimumGain = -1, ForgettingEvery = -1, MaxForgetting = double.NaN },
            NonFinite = new() { MaxSkipsInARow = 0 },
        }).Validate();
        Assert.All(
            ["EvaluateEvery", "Checkpoints.Every", "Checkpoints.Keep", "Stopping.Patience", "Stopping.MinimumGain", "Stopping.ForgettingEvery", "Stopping.MaxForgetting", "NonFinite.MaxSkipsInARow"],
            name => Assert.Contains(problems, p => p.StartsWith(name + ":", StringComparison.Ordinal)));
        using var patient = new TinyRun(Options with { Stopping = new() { Patience = 2 } }, torch.ScalarType.Float32) { Change = task => task with { HeldOut = [] } };
        Assert.Contains("Stopping.Patience: expected held-out rows", Assert.Throws<ArgumentException>(() => patient.Start()).Message);
        using var forgetful = new TinyRun(Options with { Stopping = new() { MaxForgetting = 1 } }, torch.ScalarType.Float32);
        Assert.Contains("Stopping.MaxForgetting: expected general text", Assert.Throws<ArgumentException>(() => forgetful.Start()).Message);
    }

    /// <summary>The rows with other tokens in place of those that are learnt.</summary>
    private static IReadOnlyList<TokenBatch> Other() =>
        [.. MicroBatches(8).Select(batch => batch with { Scored = batch.Scored with { Targets = [.. batch.Scored.Targets.Select(id => (id + 1) % 40)] } })];

    /// <summary>Makes a gradient infinite after some micro-batches, counted from 1.</summary>
    private static Action<Trainer, int> Spoil(params int[] microBatches) => (trainer, seen) =>
    {
        if (!microBatches.Contains(seen))
            return;
        using var scope = torch.NewDisposeScope();
        trainer.Tensors[0].Gradient!.fill_(double.PositiveInfinity);
    };

    /// <summary>The weights after the steps that <see cref="Spoil"/> left whole, taken by hand; or with the bad ones taken with zero gradients.</summary>
    private static List<double[]> Without(bool zeroed)
    {
        using var model = Create(torch.ScalarType.Float32);
        using var trainer = new Trainer(model, Options);
        using var adapter = trainer.Adapter!;
        var plan = BatchPlan.Over(Rows.Count, numbers => Batch(numbers), Options);
        for (var step = 0; step < 10; step++)
        {
            if (step is not (2 or 3))
                trainer.Step(plan[step], 0.01);
            else if (zeroed)
                trainer.Optimizer.Step(0.01);
        }

        return [.. adapter.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => Doubles(p.Value))];
    }

    private static List<double[]> Weights(string checkpoint)
    {
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(Path.Combine(checkpoint, "adapter", "adapter_model.safetensors"));
        return [.. file.Names.Order(StringComparer.Ordinal).Select(name => Doubles(file.Load(name)))];
    }
}
