using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Objectives;
using Bft.Research.Training;
using Bft.Tests;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

public class ResumeTests
{
    private static readonly TrainerOptions Options = new()
    {
        Lora = new() { Rank = 2, Dropout = 0.2 },
        Objective = new() { ConfidenceWindow = 2 },
        LearningRate = 0.01,
        RowsPerMicroBatch = 1,
        Accumulation = 3, // 8 rows: epochs of 3, 3 and 2
        Epochs = 2,
        WarmupSteps = 1,
        EvaluateEvery = 2,
        Optimizer = new() { WeightDecay = 0.1 },
        Checkpoints = new() { Every = 2, Keep = 10 },
    };

    /// <summary>LoRA in float32 and on bfloat16, full training in float64 and in bfloat16 with float32 masters.</summary>
    public static TheoryData<bool, torch.ScalarType> Kinds => new()
    {
        { true, torch.ScalarType.Float32 }, { true, torch.ScalarType.BFloat16 }, { false, torch.ScalarType.Float64 }, { false, torch.ScalarType.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cancelled_anywhere_in_a_step_and_resumed_gives_the_same_bytes_and_reports(bool lora, torch.ScalarType dtype)
    {
        var options = Options with { Lora = lora ? Options.Lora : null };
        using var straight = new TinyRun(options, dtype);
        var end = straight.Start();
        Assert.Equal((EndReason.Completed, 6), (end.Reason, end.Step));
        var expected = straight.Bytes();
        Assert.Contains(expected.Keys, name => name.EndsWith(lora ? "adapter_model.safetensors" : "model.safetensors", StringComparison.Ordinal));
        // Before the first, after the first, second and last micro-batch of a step, at the end of an epoch; 16 are all of the run: the last is cancelled in its evaluation.
        foreach (var microBatches in lora || dtype == torch.ScalarType.Float64 ? [5, 16] : (int[])[0, 5, 8, 9, 10, 16])
        {
            using var broken = new TinyRun(options, dtype);
            broken.Cancelled(microBatches);
            var resumed = broken.Resume();
            Assert.Equal((end.Reason, end.Step, end.BestStep), (resumed.Reason, resumed.Step, resumed.BestStep));
            Assert.Equal(expected, broken.Bytes());
            Assert.Equal(straight.Steps.Select(Numbers), broken.Steps.Select(Numbers)); // every step once, in order
            Assert.Equal(straight.Evaluations, broken.Evaluations);
        }
    }

    /// <summary>Packed rows and rows without padding, several samples in each, of which two, three or one micro-batches make a step; with dropout.</summary>
    [Theory]
    [InlineData(RowPacking.BestFit, 1)]
    [InlineData(RowPacking.PaddingFree, 2)]
    public void A_run_of_packed_rows_comes_out_the_same_and_one_that_packs_what_is_left_anew_does_not(RowPacking packing, int rows)
    {
        var options = Options with { Rows = new() { Packing = packing, Cutoff = 16 }, RowsPerMicroBatch = rows };
        var plan = TinyRun.PlanOf(options);
        Assert.Equal([3, 1, 3, 1], Enumerable.Range(0, plan.Steps).Select(step => plan[step].Count));
        Assert.All(plan[0], batch => Assert.Equal(2, batch.Scored.Samples));
        using var straight = new TinyRun(options, torch.ScalarType.Float32);
        straight.Start();
        foreach (var microBatches in (int[])[2, 4])
        {
            using var broken = new TinyRun(options, torch.ScalarType.Float32);
            broken.Cancelled(microBatches);
            broken.Resume();
            Assert.Equal(straight.Bytes(), broken.Bytes());
            Assert.Equal(straight.Steps.Select(Numbers), broken.Steps.Select(Numbers));
            Assert.Equal(straight.Evaluations, broken.Evaluations);
        }

        using var run = new TinyRun(options, torch.ScalarType.Float32);
        run.Cancelled(6); // in step 3: two are behind
        run.Change = task => task with { Plan = TinyRun.PlanOf(options with { Rows = options.Rows with { Packing = RowPacking.BestFit, Cutoff = 11 }, MaxSteps = plan.Steps }) };
        Assert.Contains("the order of rows changed", Assert.Throws<ResumeRefusedException>(() => run.Resume()).Message);
        // the wrong variant: the same samples, packed otherwise from here on, so that other micro-batches have the dropout of these
        run.Change = task => task with { Plan = BatchPlan.Of([.. Enumerable.Range(0, plan.Steps).Select(step => step < 2 ? plan[step] : [.. plan[step].Reverse()])]) };
        Assert.Equal(EndReason.Completed, run.Resume().Reason);
        Assert.NotEqual(straight.Bytes(), run.Bytes());
    }

    [Fact]
    public void What_a_checkpoint_could_forget_would_be_seen()
    {
        var options = Options with { Lora = null };
        using var straight = new TinyRun(options, torch.ScalarType.BFloat16);
        straight.Start();
        var expected = straight.Bytes();
        Assert.Equal(expected, After(options, (_, _) => { }));
        Assert.NotEqual(expected, After(options, (name, tensor) => Set(name, tensor, ".square", t => t.zero_())));
        Assert.NotEqual(expected, After(options, (name, tensor) => Set(name, tensor, ".mean", t => t.zero_())));
        Assert.NotEqual(expected, After(options, (name, tensor) => Set(name, tensor, ".master", t => t.copy_(t.to(torch.ScalarType.BFloat16)))));
        Assert.NotEqual(expected, After(options, (_, _) => { }, record => record with { OptimizerSteps = record.OptimizerSteps + 1 }));
        Assert.NotEqual(expected, After(options, (_, _) => { }, record => record with
        {
            State = record.State with { Steps = record.State.Steps + 1 }, // the place in the data, off by one
            LastRows = ContentDigest.OfRows(BatchPlan.Over(Rows.Count, numbers => Batch(numbers), options)[record.State.Steps]),
        }));
        var refused = Assert.Throws<ResumeRefusedException>(() => After(options, (_, _) => { }, record => record with { State = record.State with { Steps = record.State.Steps + 1 } }));
        Assert.Contains("rows of step 4", refused.Message);
    }

    [Fact]
    public void Other_options_rows_and_models_are_refused_and_every_difference_is_named()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32);
        run.Cancelled(7);
        var before = run.Bytes();
        using var model = Create(torch.ScalarType.Float32, seed: 8);
        run.Change = task => task with
        {
            Rows = [.. TinyRun.Examples.Select((row, i) => i == 4 ? row with { Labels = [.. row.Labels.Select(_ => -100L)] } : row)],
            HeldOut = [.. MicroBatches(3).Skip(1)],
            General = MicroBatches(8),
        };
        var differences = Assert.Throws<ResumeRefusedException>(() => run.Resume(Options with { LearningRate = 0.02, Lora = new() { Rank = 2 }, Epochs = 3 }, model)).Differences;
        string[] expected =
        [
            "option epochs: expected 2, actual 3", "option learningRate: expected 0.01, actual 0.02", "option lora.dropout: expected 0.2, actual 0", "steps of the plan: expected 6, actual 9",
            "weights of the model: expected ", "held-out rows: expected ", "general text: expected ", "rows: the first that differs is row 5 (rows.jsonl:5)",
        ];
        Assert.Equal(expected.Length, differences.Count);
        Assert.All(expected, (text, i) => Assert.StartsWith(text, differences[i]));

        run.Change = task => task with { Rows = [.. TinyRun.Examples.Take(7)] };
        Assert.Contains("rows: expected 8, actual 7; those after row 7 are gone", Assert.Throws<ResumeRefusedException>(() => run.Resume()).Message);
        run.Change = task => task with { Plan = BatchPlan.Of([.. Enumerable.Repeat(MicroBatches(8), 6)]) };
        Assert.Contains("the order of rows changed", Assert.Throws<ResumeRefusedException>(() => run.Resume()).Message);
        using var wide = Create();
        run.Change = task => task;
        Assert.Contains("dtype of the model: expected Float32, actual Float64", Assert.Throws<ResumeRefusedException>(() => run.Resume(model: wide)).Message);

        Assert.Equal(before, run.Bytes()); // nothing was lost by trying
        Assert.Equal(EndReason.Completed, run.Resume(Options with { Checkpoints = new() { Every = 1, Keep = 1 } }).Reason); // may differ
    }

    [Fact]
    public void Where_memory_did_not_suffice_a_run_may_go_on_in_smaller_micro_batches_when_it_is_told_to()
    {
        var options = Options with { Lora = new() { Rank = 2 }, RowsPerMicroBatch = 3, Accumulation = 1 };
        var smaller = options with { RowsPerMicroBatch = 1, Accumulation = 3, GradientCheckpointing = true };
        using var straight = new TinyRun(options, torch.ScalarType.Float64);
        straight.Start();
        using var run = new TinyRun(options, torch.ScalarType.Float64);
        run.Cancelled(3);
        var refused = Assert.Throws<ResumeRefusedException>(() => run.Resume(smaller));
        Assert.True(refused.OnlyRounds);
        Assert.Equal(3, refused.Differences.Count);
        run.Change = task => task with { AllowRounding = true };
        Assert.False(Assert.Throws<ResumeRefusedException>(() => run.Resume(smaller with { Accumulation = 2 })).OnlyRounds); // other steps
        Assert.False(Assert.Throws<ResumeRefusedException>(() => run.Resume(smaller with { LearningRate = 1 })).OnlyRounds);

        run.Resume(smaller);
        Assert.NotEqual(straight.Steps.Select(Numbers), run.Steps.Select(Numbers));
        Assert.All(straight.Steps.Zip(run.Steps), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-9));
    }

    [Fact]
    public void A_split_on_which_steps_depend_is_refused_with_the_reason_and_may_be_computed_otherwise()
    {
        var options = Options with { Lora = new() { Rank = 2 }, RowsPerMicroBatch = 2, Accumulation = 1 };
        Refused(options with { Objective = options.Objective with { Reduction = Reduction.MeanOverMicroBatches } }, "objective.reduction counts micro-batches");
        Refused(options with { Lora = Options.Lora }, "lora.dropout is drawn for each micro-batch");
        Refused(options with { Rows = new() { Packing = RowPacking.BestFit, Cutoff = 16, TokensPerMicroBatch = 32 } }, "rows.tokensPerMicroBatch says which rows they hold");
        Refused(options with { Rows = new() { Packing = RowPacking.PaddingFree, Order = RowOrder.GroupedByLength } }, "rows.order GroupedByLength groups by micro-batches");
        Refused(options with { Rows = new() { Packing = RowPacking.PaddingFree } }, null); // samples are the same, rows of a batch are not

        static void Refused(TrainerOptions options, string? reason)
        {
            using var run = new TinyRun(options, torch.ScalarType.Float32) { Change = task => task with { AllowRounding = true } };
            run.Cancelled(3);
            var split = options with { RowsPerMicroBatch = 1, Accumulation = 2 };
            if (reason is not null)
                Assert.Contains($"the split into micro-batches: expected 1 of 2, actual 2 of 1, which are other steps: {reason}", Assert.Throws<ResumeRefusedException>(() => run.Resume(split)).Message);
            Assert.Equal(EndReason.Completed, run.Resume(reason is null ? split : options with { GradientCheckpointing = true }).Reason);
        }
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_by_file_and_an_earlier_one_can_be_chosen()
    {
        using var straight = new TinyRun(Options, torch.ScalarType.Float32);
        straight.Start();
        using var run = new TinyRun(Options, torch.ScalarType.Float32);
        run.Cancelled(12);
        foreach (var file in (string[])["adapter/adapter_model.safetensors", "optimizer.safetensors", "checkpoint.json"])
        {
            var path = Path.Combine(run.Newest, file);
            byte[] whole = File.ReadAllBytes(path), damaged = [.. whole];
            damaged[file.EndsWith(".json", StringComparison.Ordinal) ? 0 : ^20] ^= 1;
            File.WriteAllBytes(path, damaged);
            Assert.Contains(file, Assert.Throws<CheckpointException>(() => run.Resume()).Message);
            File.WriteAllBytes(path, file == "checkpoint.json" ? damaged : whole);
        }

        Assert.Equal(EndReason.Completed, run.Resume(at: run.Earlier).Reason);
        Assert.Equal(straight.Bytes(), run.Bytes());
    }

    [Fact]
    public void Without_checkpoints_a_cancelled_run_says_no_more_than_that()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32) { Change = task => task with { Checkpoints = null } };
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Start(source.Token));
    }

    [Fact]
    public void A_trainer_that_has_taken_steps_is_not_put_elsewhere()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32);
        run.Cancelled(7);
        using var checkpoints = CheckpointFolder.Resume(run.Folder);
        using var model = Create(torch.ScalarType.Float32);
        using var trainer = new Trainer(model, Options);
        using var adapter = trainer.Adapter;
        trainer.Step(MicroBatches(8), 0.1);
        var task = new TrainingTask { Plan = BatchPlan.Over(Rows.Count, numbers => Batch(numbers), Options), Checkpoints = checkpoints };
        Assert.Contains("taken no step", Assert.Throws<InvalidOperationException>(() => trainer.Resume(task)).Message);
    }

    [Fact]
    public void The_log_of_a_resumed_run_has_every_step_and_every_measurement_once()
    {
        var options = Options with { Stopping = new() { ForgettingEvery = 3 } };
        using var run = new TinyRun(options, torch.ScalarType.Float32) { Change = task => task with { General = MicroBatches(8) } };
        run.Cancelled(9); // in step 4; measured were 0, 2, 3
        var path = Path.Combine(run.Folder, "log.jsonl");
        using (var log = TrainingLog.Open(path))
        {
            run.Evaluations.ForEach(log.Report);
            foreach (var step in run.Steps.Append(run.Steps[^1] with { Step = 4 }))
                log.Report(step);
        }

        // A killed run knows more than its checkpoint: a later step, a measurement that is not settled, half a line.
        File.AppendAllText(path, """{"kind":"evaluation","step":4}""" + "\n" + """{"kind":"step","st""");
        Assert.Equal(4, TrainingLog.Read(path).Steps.Count);
        run.Change = task => Logged(task with { General = MicroBatches(8) }, path);
        run.Resume();
        var whole = TrainingLog.Read(path);
        Assert.True(whole.EndsInALine);
        Assert.Equal(Enumerable.Range(1, 6), whole.Steps.Select(r => r.Step));
        Assert.Equal(File.ReadAllLines(path).Length, whole.Steps.Count + whole.Evaluations.Count); // nothing twice that reading would hide
        Assert.Equal([2, 4, 6], whole.Evaluations.Where(e => e.Set == EvaluationSet.HeldOut).Select(e => e.Step));
        Assert.Equal([0, 3, 6], whole.Evaluations.Where(e => e.Set == EvaluationSet.General).Select(e => e.Step));

        string[] lines = File.ReadAllLines(path);
        using var checkpoints = CheckpointFolder.Resume(run.Folder);
        File.WriteAllLines(path, lines.Where(line => !line.Contains("\"step\":3,", StringComparison.Ordinal)));
        Assert.Contains("step: expected 3 to come next, actual 4", Assert.Throws<InvalidDataException>(() => TrainingLog.Open(path, checkpoints.Start)).Message);
        File.WriteAllLines(path, lines.Take(4));
        Assert.Contains("expected steps 1 to 6", Assert.Throws<InvalidDataException>(() => TrainingLog.Open(path, checkpoints.Start)).Message);
        File.Delete(path);
        Assert.Contains("actual nothing", Assert.Throws<InvalidDataException>(() => TrainingLog.Open(path, checkpoints.Start)).Message);
    }

    [Fact]
    public void The_format_is_documented_file_by_file()
    {
        using var run = new TinyRun(Options, torch.ScalarType.Float32);
        run.Cancelled(7);
        var text = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "checkpoints.md"));
        var names = Directory.EnumerateFileSystemEntries(run.Newest).Select(entry => Path.GetFileName(entry)!).ToList();
        Assert.Equal(["adapter", "checkpoint.json", "optimizer.safetensors", "rows.safetensors"], names.Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Contains($"      {name}", text));
        using var file = SafetensorsFile.Open(Path.Combine(run.Newest, "optimizer.safetensors"));
        Assert.All(file.Names, name => Assert.Contains($"NAME{name[name.LastIndexOf('.')..]}", text));
    }

    private static TrainingTask Logged(TrainingTask task, string path)
    {
        var log = TrainingLog.Open(path, task.Checkpoints!.Start);
        return task with { Steps = log, Evaluations = log, Flush = log.Flush };
    }

    private static object Numbers(StepReport report) => (report.Step, report.Loss, report.MeanNll, report.GradientNorm, report.LearningRate, report.SupervisedTokens);

    private static void Set(string name, Tensor tensor, string end, Action<Tensor> change)
    {
        if (name.EndsWith(end, StringComparison.Ordinal))
            change(tensor);
    }

    /// <summary>The bytes in the end, when the checkpoint of a run that was cancelled in its fourth step had been written otherwise.</summary>
    private static Dictionary<string, byte[]> After(TrainerOptions options, Action<string, Tensor> change, Func<CheckpointRecord, CheckpointRecord>? edit = null)
    {
        using var run = new TinyRun(options, torch.ScalarType.BFloat16);
        run.Cancelled(9);
        run.ResumeChanged(change, edit);
        return run.Bytes();
    }
}
