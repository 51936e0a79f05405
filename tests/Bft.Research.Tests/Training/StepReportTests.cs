using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Objectives;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

/// <summary>What the trainer reports about a step, and reports of several steps together.</summary>
public class StepReportTests
{
    private static readonly TrainerOptions s_options = new() { Lora = null, Objective = new() { ConfidenceWindow = 2 }, WarmupSteps = 0, MaxSteps = 4 };

    [Fact]
    public void A_step_counts_tokens_three_ways()
    {
        using var model = Create();
        using var trainer = new Trainer(model, s_options, time: new HandClock(TimeSpan.FromSeconds(2)));
        trainer.Peak = new(1e6, "by hand");
        var report = trainer.Step(MicroBatches(4), 0.001); // rows of 5, 7, 9, 11 tokens, twice
        Assert.Equal((64, 88, 48), (report.RealTokens, report.PaddedTokens, report.SupervisedTokens));
        Assert.Equal(2, report.Seconds);
        Assert.Equal((32.0, 44.0, 24.0), (report.TokensPerSecond, report.PaddedTokensPerSecond, report.SupervisedTokensPerSecond));
        // The wrong variant: counts that forget that the first two tokens of a row are not predicted, or that rows are padded.
        Assert.NotEqual(report.RealTokens, report.SupervisedTokens);
        Assert.NotEqual(report.RealTokens, report.PaddedTokens);
        Assert.Equal(MicroBatches(4).Sum(b => new TrainingFlops(model.Config, null).Of(b).Model), report.ModelFlops);
        Assert.Equal(report.ModelFlops / 2 / 1e6, report.Mfu);
        Assert.True(report.PeakMemoryBytes >= report.MemoryBytes && report.MemoryBytes > 0);
    }

    [Fact]
    public void Weights_and_confidence_are_those_of_the_objective()
    {
        using var model = Create();
        using var trainer = new Trainer(model, s_options);
        List<LmHeadResult> seen = [];
        trainer.Observe = (_, result) => seen.Add(result);
        var report = trainer.Step(MicroBatches(4), 0.001);
        double[] weights = [.. seen.SelectMany(r => r.Weighting.SequenceWeights)];
        Assert.Equal(FiveNumbers.Of(weights), report.SequenceWeights);
        Assert.Equal(weights.Average(), report.SequenceWeightMean, 1e-12);
        Assert.Equal(8, report.Samples);
        Assert.Equal(seen.SelectMany(r => r.Weighting.Coefficients).Sum(), report.WeightMass, 1e-12);
        Assert.Equal(-seen.SelectMany(r => r.LogProbs).Average(), report.MeanNll, 1e-12);
        var low = seen.SelectMany(r => r.LogProbs).Average(p => Math.Exp(p) < 0.1 ? 1.0 : 0);
        Assert.InRange(low, 0.01, 0.99);
        Assert.Equal(low, report.LowConfidenceShare, 1e-12);
        Assert.Null(report.Mfu); // no peak, no guess
        Assert.NotEqual(report.MeanNll, report.Loss);
    }

    /// <summary>Answers of one or two turns, of which one has no taught end, packed so that ends lie amid rows.</summary>
    [Theory]
    [InlineData(ObjectiveKind.Sft)]
    [InlineData(ObjectiveKind.Dft)]
    [InlineData(ObjectiveKind.BftV3)]
    public void Weight_and_likelihood_of_ends_are_sums_over_the_tokens_that_end_a_response(ObjectiveKind kind)
    {
        int[][] ends = [[4], [3, 6], [-1], [10]];
        List<TokenizedExample> rows = [.. TinyRun.Examples.Take(4).Select((row, i) => row with { Ends = ends[i] })];
        var options = s_options with { Objective = new() { Kind = kind, ConfidenceWindow = 2 }, Rows = new() { Packing = RowPacking.BestFit, Cutoff = 16 } };
        var batches = BatchPlan.Over(new RowSet(rows, 0), options)[0];
        Assert.Equal(2, batches.Count);
        using var model = Create();
        using var trainer = new Trainer(model, options);
        double mass = 0, nll = 0, before = 0;
        trainer.Observe = (batch, result) =>
        {
            for (var sample = 0; sample < batch.Scored.Samples; sample++)
                foreach (var end in ends[int.Parse(batch.SampleNames[sample]["rows.jsonl:".Length..]) - 1].Where(end => end >= 0))
                {
                    var at = batch.Scored.Starts[sample] + end - 2; // tokens 2, 3, … of a row are scored
                    (mass, nll) = (mass + result.Weighting.Coefficients[at], nll - result.LogProbs[at]);
                    before += result.Weighting.Coefficients[at - 1];
                }
        };
        var report = trainer.Step(batches, 0.001);
        trainer.Observe = null;
        Assert.Equal(4, report.EndTokens);
        Assert.Equal(mass, report.EndWeightMass, 1e-12);
        Assert.Equal(nll / 4, report.EndNll!.Value, 1e-12);
        if (kind == ObjectiveKind.Sft)
            Assert.Equal(4.0 / report.SupervisedTokens, report.EndWeightMass, 1e-12);
        else
            Assert.NotEqual(before, report.EndWeightMass, 1e-6); // the wrong variant: the tokens before the ends, without the shift
        var without = trainer.Step(MicroBatches(4), 0.001); // rows that do not say where they end
        Assert.Equal((0, 0.0, null), (without.EndTokens, without.EndWeightMass, without.EndNll));
        Assert.Equal((4, report.EndNll, report.EndWeightMass / 2), (StepReport.Over([report, without]).EndTokens, StepReport.Over([report, without]).EndNll, StepReport.Over([report, without]).EndWeightMass));
    }

    [Fact]
    public void Clipping_is_counted_when_it_acts()
    {
        using var model = Create();
        using var open = new Trainer(model, s_options with { MaxGradientNorm = double.PositiveInfinity });
        var norm = open.Step(MicroBatches(4), 0).GradientNorm;
        Assert.Equal(0, open.Step(MicroBatches(4), 0).ClippedSteps);
        using var clips = new Trainer(model, s_options with { MaxGradientNorm = norm / 2 });
        Assert.Equal(1, clips.Step(MicroBatches(4), 0).ClippedSteps);
        using var loose = new Trainer(model, s_options with { MaxGradientNorm = norm * 2 });
        Assert.Equal(0, loose.Step(MicroBatches(4), 0).ClippedSteps);
    }

    [Fact]
    public void Reports_together_are_the_report_of_all_their_tokens()
    {
        using var model = Create();
        using var trainer = new Trainer(model, s_options with { Lora = new() { Rank = 2 } }, time: new HandClock(TimeSpan.FromSeconds(1)));
        List<LmHeadResult> seen = [];
        trainer.Observe = (_, result) => seen.Add(result);
        // Steps of unequal size: means of means are wrong.
        StepReport[] steps = [trainer.Step([Batch(0)], 0.01), trainer.Step([Batch(3), Batch(7)], 0.02), trainer.Step(MicroBatches(2), 0.03)];
        var over = StepReport.Over(steps);
        Assert.Equal((3, 3, 0.03), (over.Step, over.Steps, over.LearningRate));
        Assert.Equal(-seen.SelectMany(r => r.LogProbs).Average(), over.MeanNll, 1e-12);
        Assert.NotEqual(steps.Average(r => r.MeanNll), over.MeanNll, 1e-6);
        Assert.Equal(FiveNumbers.Of(seen.SelectMany(r => r.Weighting.SequenceWeights)), over.SequenceWeights);
        Assert.NotEqual(steps.Average(r => r.SequenceWeights!.Median), over.SequenceWeights!.Median, 1e-6);
        Assert.Equal(seen.SelectMany(r => r.Weighting.SequenceWeights).Average(), over.SequenceWeightMean, 1e-12);
        Assert.Equal(steps.Average(r => r.Loss), over.Loss, 1e-12);
        Assert.Equal(steps.Max(r => r.GradientNorm), over.LargestGradientNorm);
        Assert.Equal((5 + 22 + 64, 3L), (over.RealTokens, (long)over.Seconds));
        Assert.Equal(over.RealTokens / 3.0, over.TokensPerSecond);
        Assert.Equal(steps.Sum(r => r.HardwareFlops), over.HardwareFlops);
        Assert.Same(steps[0], StepReport.Over([steps[0]]));
        Assert.Throws<ArgumentException>(() => StepReport.Over([]));
        trainer.Adapter!.Dispose();
    }

    [Fact]
    public void The_time_left_is_wall_time_at_the_recent_pace()
    {
        var time = new HandClock();
        var clock = new StepClock(time);
        time.Advance(10);
        Assert.Equal(30, clock.SecondsLeft(3));
        time.Advance(2); // 12 s for two steps
        Assert.Equal(12, clock.SecondsLeft(2));
        for (var step = 0; step < 64; step++)
        {
            time.Advance(1);
            _ = clock.SecondsLeft(1);
        }

        time.Advance(1);
        Assert.Equal(100, clock.SecondsLeft(100), 1e-9); // the slow start is forgotten
    }

    [Fact]
    public void A_run_tells_its_end()
    {
        using var model = Create();
        using var trainer = new Trainer(model, s_options, time: new HandClock(TimeSpan.FromSeconds(1)));
        var reports = new Reports();
        trainer.Run(BatchPlan.Over(8, numbers => Batch(numbers), s_options), progress: reports);
        Assert.Equal([4, 4, 4, 4], reports.Select(r => r.TotalSteps));
        Assert.Equal(0, reports[^1].SecondsLeft);
        Assert.True(reports[0].SecondsLeft > reports[2].SecondsLeft);
    }

    private sealed class Reports : List<StepReport>, IProgress<StepReport>
    {
        public void Report(StepReport value) => Add(value);
    }
}
