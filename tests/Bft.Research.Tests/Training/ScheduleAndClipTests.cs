using Bft.Research.Training;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Training;

public class ScheduleAndClipTests
{
    [Fact]
    public void Warm_up_starts_at_zero_and_the_cosine_ends_at_zero()
    {
        var schedule = new LearningRateSchedule { Peak = 3e-4, WarmupSteps = 3, TotalSteps = 16 };
        Assert.Equal([0, 1e-4, 2e-4, 3e-4], Enumerable.Range(0, 4).Select(schedule.At), Close);
        Assert.Equal(1.5e-4, new LearningRateSchedule { Peak = 3e-4, TotalSteps = 10 }.At(5), Close);
        Assert.Equal(0, schedule.At(16), Close);
        Assert.NotEqual(3e-4 * 1 / 3, schedule.At(0), Close); // the wrong variant: counting warm-up from 1
    }

    [Fact]
    public void A_line_stays_at_zero_past_the_end_and_a_cosine_rises()
    {
        var schedule = new LearningRateSchedule { Peak = 1, TotalSteps = 10, Kind = ScheduleKind.Linear };
        Assert.Equal(0.5, schedule.At(5), Close);
        Assert.Equal(0, schedule.At(12));
        Assert.True((schedule with { Kind = ScheduleKind.Cosine }).At(12) > 0.05);
        Assert.Equal(1, (schedule with { Kind = ScheduleKind.Constant }).At(12));
    }

    [Fact]
    public void All_gradients_share_one_norm()
    {
        using var scope = torch.NewDisposeScope();
        using TrainedTensor a = Tensor([3.0]), b = Tensor([0.0, 4.0]);
        Assert.Equal(5, GradientClip.Apply([a, b], 1), Close);
        Assert.Equal(3 / (5 + 1e-6), a.Gradient!.item<double>(), 1e-15);
        Assert.NotEqual(1.0, a.Gradient!.item<double>(), 1e-3); // the wrong variant: a norm per tensor
        Assert.NotEqual(3 / 5.0, a.Gradient!.item<double>(), 1e-8); // the wrong variant: without 1e-6
    }

    [Fact]
    public void A_small_norm_is_only_measured()
    {
        using var scope = torch.NewDisposeScope();
        using var a = Tensor([0.3, 0.4]);
        Assert.Equal(0.5, GradientClip.Apply([a], 1), Close);
        Assert.Equal([0.3, 0.4], a.Gradient!.data<double>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClip.Apply([a], 0));
    }

    [Fact]
    public void A_gradient_that_is_not_a_number_is_reported_not_scaled()
    {
        using var scope = torch.NewDisposeScope();
        using var a = Tensor([double.NaN, 4]);
        Assert.True(double.IsNaN(GradientClip.Apply([a], 1)));
        Assert.Equal(4, a.Gradient!.data<double>().ToArray()[1]);
    }

    [Fact]
    public void Reference_values_of_optimiser_clipping_and_schedules_agree()
    {
        var file = SharedFolder.Require("golden", "trajectories", "optimizer.json");
        using var context = new VerificationContext(SharedFolder.Root);
        Assert.All(Verifier.Read(file), golden => Assert.Empty(Verifier.Run(golden, context).Mismatches));
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-15;

    private static TrainedTensor Tensor(double[] gradient)
    {
        var value = torch.zeros(gradient.Length, torch.ScalarType.Float64);
        var tensor = new TrainedTensor("x", value);
        value.backward([torch.tensor(gradient)]);
        return tensor;
    }
}
