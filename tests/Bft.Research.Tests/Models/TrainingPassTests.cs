using Bft.Research.Models;
using Bft.Research.Tests.Training;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

public class TrainingPassTests
{
    [Theory]
    [InlineData(torch.ScalarType.Float64, false, 1e-14)]
    [InlineData(torch.ScalarType.Float64, true, 1e-14)]
    [InlineData(torch.ScalarType.Float32, true, 1e-6)]
    public void Checkpointing_gives_the_same_gradients_whatever_trains(torch.ScalarType dtype, bool lora, double largest)
    {
        var kept = Gradients(dtype, lora, checkpointing: false);
        var again = Gradients(dtype, lora, checkpointing: true);
        Assert.Equal(kept.Length, again.Length);
        Assert.True(Distance(kept, again) <= largest, $"largest deviation {Distance(kept, again):g3}");
        Assert.InRange(MeanResidual(kept, again), -largest / 10, largest / 10);
    }

    [Fact]
    public void Another_dropout_on_the_way_back_is_found()
    {
        var right = Gradients(torch.ScalarType.Float64, true, checkpointing: true);
        var wrong = Gradients(torch.ScalarType.Float64, true, checkpointing: true, microBatchOnTheWayBack: 1);
        Assert.True(Distance(right, wrong) > 1e-4, $"largest deviation {Distance(right, wrong):g3}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_layers_that_train_get_a_gradient(bool checkpointing)
    {
        using var model = Create();
        using var adapter = LoraAdapter.Create(model, new() { Rank = 2, Targets = ["layers.1.self_attn.q_proj"] }, 3);
        var found = Gradients(model, adapter, checkpointing, 0);
        Assert.Equal(adapter.Parameters.Sum(p => p.Value.numel()), found.Length);
        Assert.Contains(found, g => g != 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pass_leaves_no_tensor_behind(bool checkpointing)
    {
        using var model = Create();
        using var adapter = LoraAdapter.Create(model, new() { Rank = 2, Dropout = 0.2 }, 3);
        List<long> live = [];
        for (var i = 0; i < 4; i++)
        {
            Gradients(model, adapter, checkpointing, 0);
            live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }

        Assert.Equal(live[1], live[^1]);
    }

    private static double[] Gradients(torch.ScalarType dtype, bool lora, bool checkpointing, int microBatchOnTheWayBack = 0)
    {
        using var model = Create(dtype);
        using var adapter = lora ? LoraAdapter.Create(model, new() { Rank = 2, Dropout = 0.3 }, 3) : null;
        return Gradients(model, adapter, checkpointing, microBatchOnTheWayBack);
    }

    private static double[] Gradients(CausalLm model, LoraAdapter? adapter, bool checkpointing, int microBatchOnTheWayBack)
    {
        using var scope = torch.NewDisposeScope();
        var trained = adapter?.Parameters ?? model.Parameters;
        foreach (var (_, value) in trained)
        {
            value.requires_grad_(true);
            value.grad = null;
        }

        if (adapter is not null)
            using (torch.no_grad())
                foreach (var layer in adapter.Layers)
                    layer.B.fill_(0.1);
        adapter?.StartDropout(0, 0);
        using var pass = TrainingPass.Run(model, Batch(0, 1, 2), checkpointing);
        var direction = torch.sin(torch.arange(pass.Hidden.numel(), torch.ScalarType.Float64)).view(pass.Hidden.shape).to(model.Dtype);
        adapter?.StartDropout(0, microBatchOnTheWayBack);
        pass.Backward(direction);
        adapter?.StopDropout();
        return [.. trained.SelectMany(p => Doubles(p.Value.grad!))];
    }

    private static double MeanResidual(double[] a, double[] b) => a.Zip(b, (x, y) => x - y).Average();
}
