using Bft.Research.Training;

namespace Bft.Cli.Tests;

/// <summary>The line that a user watches.</summary>
public class TrainingProgressTests
{
    private static readonly StepReport s_report = new()
    {
        Step = 12,
        Loss = 0.12345,
        MeanNll = 2.34567,
        SupervisedTokens = 100,
        RealTokens = 636,
        GradientNorm = 1.5,
        ClippedSteps = 1,
        LearningRate = 1e-4,
        WeightMass = 1,
        SequenceWeightMean = 1,
        Seconds = 2,
        ModelFlops = 2e11,
        PeakFlopsPerSecond = 1e12,
        PeakMemoryBytes = 3_100_000_000,
        SecondsLeft = 62,
    };

    [Fact]
    public void It_has_the_bar_the_numbers_and_the_time_left() => Assert.Equal(
        "[######..................] 12/48  nll 2.3457  loss 0.1235  norm 1.500 clipped  lr 1.0e-4  318 tok/s  mfu 10%  3.1 GB  left 00:01:02",
        TrainingProgress.Line(s_report, 48));

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        var line = TrainingProgress.Line(s_report with { PeakFlopsPerSecond = null, SecondsLeft = null, ClippedSteps = 0 }, 48);
        Assert.EndsWith("norm 1.500  lr 1.0e-4  318 tok/s  3.1 GB", line);
        Assert.EndsWith("left 2d 03:00", TrainingProgress.Line(s_report with { SecondsLeft = 51 * 3600 }, 48));
        Assert.StartsWith("[########################] 12/12 ", TrainingProgress.Line(s_report, 12));
    }
}
