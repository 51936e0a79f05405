using Bft.Research.Training;
using Bft.Results;

namespace Bft.Research.Tests.Training;

/// <summary>Curves of a run that goes on and on: bounded, and nothing left out.</summary>
public class TrainingCurvesTests
{
    private static StepReport Step(int step, int of) => new()
    {
        Step = step,
        TotalSteps = of,
        SecondsLeft = of - step,
        Loss = 0.5 + step % 7,
        MeanNll = step % 8 == 0 ? 5 : 1,
        SupervisedTokens = 10,
        RealTokens = 20,
        GradientNorm = 1,
        LearningRate = 1e-3 / step,
        WeightMass = 1,
        SequenceWeightMean = 1,
        Seconds = 2,
        PeakMemoryBytes = 1_500_000_000,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(1000)]
    public void Points_are_means_over_all_steps(int steps)
    {
        var seen = new Last();
        var curves = new TrainingCurves(seen);
        for (var step = 1; step <= steps; step++)
            curves.Report(Step(step, steps));
        var nll = Assert.Single(seen.Value!.Nll);
        Assert.InRange(nll.X.Length, Math.Min(steps, 64), TrainingCurves.MostPoints + 1);
        Assert.Equal(steps, nll.X[^1]);
        Assert.Equal(steps, seen.Calls);
        var spans = nll.X.Zip(nll.X.Prepend(0), (to, from) => to - from).ToArray();
        var mean = nll.Y.Zip(spans, (y, span) => y * span).Sum() / steps;
        Assert.Equal(Enumerable.Range(1, steps).Average(step => step % 8 == 0 ? 5.0 : 1), mean, 1e-9);
        if (steps == 1000) // the wrong variant keeps every eighth step alone
            Assert.NotEqual(mean, Enumerable.Range(1, steps).Where(step => step % 8 == 0).Average(_ => 5.0), 1e-3);
        Assert.Equal(Step(steps, steps).LearningRate, seen.Value.LearningRate.Y[^1]);
        Assert.Equal((steps, steps, 0.0), (seen.Value.Step, seen.Value.Steps, seen.Value.SecondsLeft!.Value));
        Assert.Equal("10 tokens/s, 1.5 GB", seen.Value.Speed);
    }

    [Fact]
    public void Measured_sets_have_curves_of_their_own()
    {
        var seen = new Last();
        var curves = new TrainingCurves(seen);
        curves.Report(new EvaluationReport(0, 5, 3, 0.5, 0.5));
        Assert.Equal(["held out"], seen.Value!.Nll.Select(c => c.Name));
        curves.Report(Step(1, 400) with { MeanNll = double.PositiveInfinity });
        for (var step = 1; step <= 400; step++)
            curves.Report(new EvaluationReport(step, 5, step, 0.5, 0.5));
        curves.Report(new EvaluationReport(1, 5, 2.5, 0.5, 0.5) { Set = EvaluationSet.General });
        Assert.Equal(["training batches", "held out", "general text"], seen.Value.Nll.Select(c => c.Name));
        Assert.True(double.IsNaN(seen.Value.Nll[0].Y[0])); // a gap, not an infinity that no axis can show
        var heldOut = seen.Value.Nll[1];
        Assert.InRange(heldOut.X.Length, 32, TrainingCurves.MostPoints);
        Assert.Equal((0.0, 3.0, 400.0), (heldOut.X[0], heldOut.Y[0], heldOut.X[^1]));
        Assert.Equal(heldOut.X.Order(), heldOut.X);
        Assert.Equal([2.5], seen.Value.Nll[2].Y);
    }

    private sealed class Last : IProgress<TrainingSnapshot>
    {
        public TrainingSnapshot? Value { get; private set; }

        public int Calls { get; private set; }

        public void Report(TrainingSnapshot value) => (Value, Calls) = (value, Calls + 1);
    }
}
