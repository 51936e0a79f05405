using Bft.Research.Objectives;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

public class TrainerTests
{
    private static readonly TrainerOptions Full = new()
    {
        Lora = null,
        LearningRate = 0.01,
        WarmupSteps = 0,
        Objective = new() { Kind = ObjectiveKind.Sft },
        Optimizer = new() { WeightDecay = 0.1 },
        MaxGradientNorm = 0.5,
    };

    [Fact]
    public void Clipping_comes_before_the_step_and_decay_is_decoupled()
    {
        var clipped = Steps(Full, 8);
        Assert.True(Distance(clipped, ByHand(clip: true)) < 1e-12);
        Assert.True(Distance(clipped, ByHand(clip: false)) > 1e-6, "clipping after the step would act like none");
        Assert.True(Distance(clipped, Steps(Full with { DecayBiasesAndNorms = true }, 8)) > 1e-6, "norms are exempt from decay by default");
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32, true)]
    [InlineData(torch.ScalarType.Float32, false)]
    [InlineData(torch.ScalarType.BFloat16, true)]
    [InlineData(torch.ScalarType.BFloat16, false)]
    public void A_long_run_leaves_no_tensor_behind_and_learns_its_rows(torch.ScalarType dtype, bool lora)
    {
        using var model = Create(dtype);
        using var trainer = new Trainer(model, Full with { Lora = lora ? new() { Rank = 8, Dropout = 0.1 } : null, Optimizer = new(), MaxGradientNorm = 1 });
        List<double> nll = [];
        List<long> live = [];
        for (var step = 0; step < 30; step++)
        {
            nll.Add(trainer.Step(MicroBatches(4), lora ? 0.02 : 0.005).MeanNll);
            live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }

        Assert.Equal(live[1], live[^1]);
        Assert.True(nll[^1] < nll[0] * 0.7, $"{nll[0]} to {nll[^1]}");
        trainer.Adapter?.Dispose();
    }

    [Fact]
    public void With_an_adapter_the_base_keeps_every_byte_and_gets_no_gradient()
    {
        using var model = Create(torch.ScalarType.Float32);
        var before = model.Parameters.SelectMany(p => Doubles(p.Value)).ToArray();
        using var trainer = new Trainer(model, Full with { Lora = new() { Rank = 2 } });
        for (var step = 0; step < 3; step++)
            trainer.Step(MicroBatches(4), 0.01);
        Assert.Equal(before, model.Parameters.SelectMany(p => Doubles(p.Value)));
        Assert.All(model.Parameters, p => Assert.Null(p.Value.grad));
        Assert.All(trainer.Adapter!.Layers, l => Assert.True(Doubles(l.B).Any(v => v != 0), l.Target.Name));
        trainer.Adapter.Dispose();
    }

    [Fact]
    public void Cancelling_inside_a_step_leaves_the_weights_of_the_last_full_step()
    {
        using var model = Create();
        using var trainer = new Trainer(model, Full);
        trainer.Step(MicroBatches(4), 0.01);
        var before = model.Parameters.SelectMany(p => Doubles(p.Value)).ToArray();
        using var source = new CancellationTokenSource();
        trainer.Observe = (_, _) => source.Cancel(); // after the first micro-batch of the second step
        Assert.Throws<OperationCanceledException>(() => trainer.Step(MicroBatches(4), 0.01, source.Token));
        Assert.Equal(before, model.Parameters.SelectMany(p => Doubles(p.Value)));
        Assert.All(Gradients(trainer), g => Assert.Equal(0, g));
        Assert.Equal(1, trainer.Steps);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_with_step_and_rows()
    {
        using var model = Create();
        using (torch.no_grad())
            model.Parameters[1].Value.fill_(double.NaN);
        using var trainer = new Trainer(model, Full);
        var error = Assert.Throws<TrainingStoppedException>(() => trainer.Step([Batch(2, 5)], 0.01));
        Assert.Equal("step 1: loss is NaN; rows: rows.jsonl:3, rows.jsonl:6", error.Message);
        Assert.Equal(0, trainer.Steps);
    }

    [Fact]
    public void A_gradient_that_overflows_stops_before_it_reaches_a_weight()
    {
        using var model = Create(torch.ScalarType.Float32);
        using var trainer = new Trainer(model, Full);
        trainer.Observe = (_, _) => // the loss is finite, a gradient is not
        {
            using var scope = torch.NewDisposeScope();
            trainer.Tensors[0].Gradient!.fill_(double.PositiveInfinity);
        };
        var before = model.Parameters.SelectMany(p => Doubles(p.Value)).ToArray();
        Assert.Contains("step 1: gradient norm is", Assert.Throws<TrainingStoppedException>(() => trainer.Step([Batch(1)], 0.01)).Message);
        Assert.Equal(before, model.Parameters.SelectMany(p => Doubles(p.Value)));
        Assert.All(Gradients(trainer), g => Assert.Equal(0, g));
    }

    [Fact]
    public void Nothing_to_train_on_is_an_error_not_a_zero()
    {
        using var model = Create();
        using var trainer = new Trainer(model, Full);
        var empty = Batch(0) with { Scored = Numerics.NextToken.Align(new long[Rows[0].Length].Select(_ => -100L).ToArray(), 1, Rows[0].Length) };
        Assert.Contains("nothing to train on", Assert.Throws<TrainingStoppedException>(() => trainer.Step([empty], 0.01)).Message);
        var report = trainer.Step([empty, Batch(1)], 0.01); // one row with tokens is enough
        Assert.Equal(5, report.SupervisedTokens);
    }

    [Fact]
    public void Evaluation_counts_every_token_once_and_dropout_is_off()
    {
        using var model = Create();
        using var trainer = new Trainer(model, Full with { Lora = new() { Rank = 4, Dropout = 0.5 }, EvaluateEvery = 2 });
        var evaluations = new Recorded<EvaluationReport>();
        trainer.Run(BatchPlan.Of([.. Enumerable.Repeat(MicroBatches(8), 5)]), MicroBatches(3), evaluations: evaluations);
        Assert.Equal([2, 4, 5], evaluations.Select(e => e.Step));
        Assert.Equal(5, trainer.Steps); // nobody listens to steps, and they are taken all the same
        var again = HeldOut.Measure(model, MicroBatches(8), 5, new());
        Assert.Equal(evaluations[^1].MeanNll, again.MeanNll, 1e-12);
        Assert.Equal(Rows.Sum(r => r.Length - 2), again.Tokens);
        trainer.Adapter!.Dispose();
    }

    [Fact]
    public void All_problems_of_the_options_are_named_at_once()
    {
        var wrong = new TrainerOptions
        {
            LearningRate = 0,
            WarmupRatio = 2,
            Epochs = 0,
            RowsPerMicroBatch = 0,
            Accumulation = 0,
            MaxGradientNorm = 0,
            Objective = new() { ConfidenceWindow = 0 },
            Lora = new() { Rank = 0 },
            Optimizer = new() { Beta1 = 1 },
        };
        using var model = Create();
        var message = Assert.Throws<ArgumentException>(() => new Trainer(model, wrong)).Message;
        Assert.All(
            ["LearningRate", "WarmupRatio", "Epochs", "RowsPerMicroBatch", "Accumulation", "MaxGradientNorm", "Objective.ConfidenceWindow", "Lora.Rank", "Optimizer.Beta1"],
            name => Assert.Contains(name, message));
        Assert.Empty(new TrainerOptions().Validate());
    }

    internal sealed class Recorded<T> : List<T>, IProgress<T>
    {
        public void Report(T value) => Add(value);
    }

    private static double[] Steps(TrainerOptions options, int perMicroBatch)
    {
        using var model = Create();
        using var trainer = new Trainer(model, options);
        for (var step = 0; step < 3; step++)
            trainer.Step(MicroBatches(perMicroBatch), 0.01);
        return [.. model.Parameters.SelectMany(p => Doubles(p.Value))];
    }

    private static double[] ByHand(bool clip)
    {
        using var model = Create();
        using var trainer = new Trainer(model, Full);
        using var adam = new AdamW(trainer.Tensors, Full.Optimizer);
        for (var step = 0; step < 3; step++)
        {
            trainer.Accumulate(MicroBatches(8));
            GradientClip.Apply(trainer.Tensors, clip ? 0.5 : double.PositiveInfinity);
            adam.Step(0.01);
            Gradients(trainer);
        }

        return [.. model.Parameters.SelectMany(p => Doubles(p.Value))];
    }

    /// <summary>Takes the gradients out and zeroes them.</summary>
    private static double[] Gradients(Trainer trainer)
    {
        double[] gradients = [.. trainer.Tensors.SelectMany(t => Doubles(t.Gradient!))];
        foreach (var tensor in trainer.Tensors)
            tensor.ZeroGradient();
        return gradients;
    }
}
