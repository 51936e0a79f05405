using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

public class AdamWTests
{
    private static readonly double[] Start = [1.1, -0.4, 0.02];
    private static readonly double[][] Gradients = [[0.5, -1e-9, 3], [-0.2, 2e-9, 0], [0, 0, 0], [1.5, 1e-8, -2]];
    private static readonly AdamWOptions Options = new() { WeightDecay = 0.1 };
    private const double Rate = 0.01;

    [Fact]
    public void Agrees_with_a_loop_in_float64_and_wrong_orders_do_not()
    {
        var ours = Run(Options);
        Assert.True(Distance(ours, Loop()) < 1e-15);
        Assert.True(Distance(ours, Loop(epsilonInsideCorrection: true)) > 1e-6, "ε before the bias correction");
        Assert.True(Distance(ours, Loop(coupledDecay: true)) > 1e-4, "decay added to the gradient");
        Assert.True(Distance(ours, Loop(corrected: false)) > 1e-3, "no bias correction");
        Assert.True(Distance(ours, Run(Options with { WeightDecay = 0 })) > 1e-4, "no decay");
    }

    [Fact]
    public void A_tensor_may_be_exempt_from_decay()
    {
        var exempt = Run(Options, decays: false);
        Assert.True(Distance(exempt, Run(Options with { WeightDecay = 0 })) == 0);
        Assert.True(Distance(exempt, Run(Options)) > 1e-4);
    }

    [Fact]
    public void Updates_below_half_a_bfloat16_step_add_up_in_the_master_copy()
    {
        using var scope = torch.NewDisposeScope();
        using var value = torch.ones(4, torch.ScalarType.BFloat16);
        using var tensor = new TrainedTensor("w", value);
        using var adam = new AdamW([tensor], new());
        var naive = torch.ones(4, torch.ScalarType.BFloat16);
        for (var step = 0; step < 100; step++)
        {
            tensor.ZeroGradient();
            value.backward([torch.ones(4, torch.ScalarType.BFloat16)]);
            tensor.Collect();
            adam.Step(1e-4);
            naive.sub_(1e-4); // the wrong variant: each update is rounded away
        }

        Assert.Equal(1, naive[0].to(torch.ScalarType.Float64).item<double>());
        Assert.Equal(0.99, value[0].to(torch.ScalarType.Float64).item<double>(), 0.002);
    }

    [Fact]
    public void Small_gradients_of_many_micro_batches_add_up_in_float32()
    {
        using var scope = torch.NewDisposeScope();
        using var value = torch.zeros(1, torch.ScalarType.BFloat16);
        using var tensor = new TrainedTensor("w", value);
        var naive = torch.zeros(1, torch.ScalarType.BFloat16);
        for (var i = 0; i < 1000; i++)
        {
            var gradient = torch.ones(1, torch.ScalarType.BFloat16);
            value.backward([gradient]);
            tensor.Collect();
            naive.add_(gradient);
        }

        Assert.Equal(1000, tensor.Gradient!.item<float>());
        Assert.Equal(256, naive.to(torch.ScalarType.Float32).item<float>()); // summed in bfloat16 it stops at 256
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var tensor = new TrainedTensor("w", torch.ones(8));
        using var adam = new AdamW([tensor], new());
        long[] live = new long[4];
        for (var step = 0; step < live.Length; step++)
        {
            using (var scope = torch.NewDisposeScope())
                tensor.Value.backward([torch.ones(8)]);
            GradientClip.Apply([tensor], 1);
            adam.Step(1e-3);
            tensor.ZeroGradient();
            live[step] = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        }

        Assert.Equal(live[1], live[^1]);
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var wrong = new AdamWOptions { Beta1 = 1, Beta2 = -1, Epsilon = double.NaN, WeightDecay = -1 };
        using var tensor = new TrainedTensor("w", torch.ones(1));
        var message = Assert.Throws<ArgumentException>(() => new AdamW([tensor], wrong)).Message;
        Assert.All(["Beta1", "Beta2", "Epsilon", "WeightDecay"], name => Assert.Contains(name, message));
        Assert.Empty(new AdamWOptions().Validate());
    }

    [Fact]
    public void Integers_are_refused_by_name() =>
        Assert.Contains("ids: expected a floating-point tensor, actual Int64",
            Assert.Throws<ArgumentException>(() => new TrainedTensor("ids", torch.zeros(1, torch.ScalarType.Int64))).Message);

    private static double[] Run(AdamWOptions options, bool decays = true)
    {
        using var scope = torch.NewDisposeScope();
        using var tensor = new TrainedTensor("w", torch.tensor(Start), decays);
        using var adam = new AdamW([tensor], options);
        foreach (var gradient in Gradients)
        {
            tensor.ZeroGradient();
            tensor.Value.backward([torch.tensor(gradient)]);
            adam.Step(Rate);
        }

        return tensor.Value.detach().data<double>().ToArray();
    }

    private static double[] Loop(bool epsilonInsideCorrection = false, bool coupledDecay = false, bool corrected = true)
    {
        double[] value = [.. Start], mean = new double[3], square = new double[3];
        for (var t = 1; t <= Gradients.Length; t++)
        {
            for (var i = 0; i < value.Length; i++)
            {
                var g = Gradients[t - 1][i];
                if (coupledDecay)
                    g += Options.WeightDecay * value[i];
                else
                    value[i] -= Rate * Options.WeightDecay * value[i];
                mean[i] = 0.9 * mean[i] + 0.1 * g;
                square[i] = 0.999 * square[i] + 0.001 * g * g;
                var (meanPart, squarePart) = corrected ? (1 - Math.Pow(0.9, t), 1 - Math.Pow(0.999, t)) : (1, 1);
                var root = epsilonInsideCorrection
                    ? (Math.Sqrt(square[i]) + 1e-8) / Math.Sqrt(squarePart)
                    : Math.Sqrt(square[i] / squarePart) + 1e-8;
                value[i] -= Rate * mean[i] / meanPart / root;
            }
        }

        return value;
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
