using Bft.Research.Models;
using Bft.Research.Models.Gradients;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models.Gradients;

public class TrainingPassTests
{
    public static TheoryData<string> Cases => [.. s_cases.Keys];

    private static readonly Dictionary<string, PassProblem> s_cases = new()
    {
        ["LoRA"] = new(),
        ["every weight"] = new() { Lora = null },
        ["dropout"] = new() { Lora = new() { Rank = 2, Alpha = 2, Dropout = 0.3 } },
        ["DoRA"] = new() { Lora = new() { Rank = 2, Alpha = 2, Dora = true } },
        ["upper layer only"] = new() { Lora = new() { Rank = 2, Alpha = 2, Targets = ["layers.1.mlp.down_proj", "layers.1.self_attn.k_proj"] } },
        ["embedding and head"] = new() { Config = PassProblem.Qwen3, Lora = new() { Rank = 2, Alpha = 2, Targets = ["embed_tokens", "v_proj"] } },
        ["packed"] = new() { Packed = true, Lora = null },
        ["Qwen2, biases and a window"] = new() { Config = PassProblem.Qwen2, Lora = null },
        ["Qwen3, norms on heads"] = new() { Config = PassProblem.Qwen3, Lora = null },
        ["GELU"] = new() { Config = PassProblem.Llama with { Activation = GateActivation.Gelu } },
        ["GELU, every weight, packed Qwen3"] = new() { Config = PassProblem.Qwen3 with { Activation = GateActivation.GeluTanh }, Lora = null, Packed = true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void By_hand_is_what_autograd_says(string name)
    {
        var (hidden, gradients) = s_cases[name].Solve(byHand: false);
        var (ours, byHand) = s_cases[name].Solve(byHand: true);
        Assert.True(Distance(hidden, ours) < 1e-12, $"hidden: largest deviation {Distance(hidden, ours):g3}");
        Assert.True(Distance(gradients, byHand) < 1e-11, $"gradients: largest deviation {Distance(gradients, byHand):g3}");
        Assert.InRange(MeanResidual(gradients, byHand), -1e-13, 1e-13);
        Assert.Contains(byHand, g => Math.Abs(g) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Checkpointing_changes_nothing(string name)
    {
        foreach (var byHand in new[] { false, true })
        {
            var (hidden, kept) = s_cases[name].Solve(byHand);
            var (again, computedAgain) = s_cases[name].Solve(byHand, checkpointing: true);
            Assert.True(Distance(hidden, again) < 1e-14, $"hidden: largest deviation {Distance(hidden, again):g3}");
            Assert.True(Distance(kept, computedAgain) < 1e-13, $"gradients: largest deviation {Distance(kept, computedAgain):g3}");
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Another_dropout_on_the_way_back_is_found(bool byHand, bool checkpointing)
    {
        var right = s_cases["dropout"];
        var wrong = right with { DropoutOnTheWayBack = 1 };
        var difference = Distance(right.Solve(byHand, checkpointing).Gradients, wrong.Solve(byHand, checkpointing).Gradients);
        if (checkpointing || byHand) // a graph that was kept holds the masks themselves
            Assert.True(difference > 1e-3, $"largest deviation {difference:g3}");
        else
            Assert.Equal(0, difference);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32, 2e-5)]
    [InlineData(torch.ScalarType.BFloat16, 0.1)]
    public void Narrow_types_are_near_the_float64_oracle_and_no_worse_than_autograd(torch.ScalarType dtype, double largest)
    {
        foreach (var lora in new[] { null, new LoraOptions { Rank = 2, Alpha = 2 } })
        {
            // Weights rounded to the narrow type first, so that the oracle computes the same function.
            var problem = new PassProblem { Lora = lora, Dtype = dtype };
            var oracle = Rounded(problem);
            var (byHand, autograd) = (problem.Solve(byHand: true).Gradients, problem.Solve(byHand: false).Gradients);
            var scale = oracle.Max(Math.Abs);
            Assert.True(Distance(oracle, byHand) / scale < largest, $"by hand {Distance(oracle, byHand) / scale:g3}, autograd {Distance(oracle, autograd) / scale:g3}");
            Assert.True(Distance(oracle, byHand) < 1.5 * Distance(oracle, autograd), $"by hand {Distance(oracle, byHand):g3}, autograd {Distance(oracle, autograd):g3}");
        }
    }

    [Fact]
    public void Gradients_of_micro_batches_add_up()
    {
        var once = s_cases["LoRA"].Solve(byHand: true).Gradients;
        var three = s_cases["LoRA"].Solve(byHand: true, repeats: 3).Gradients;
        Assert.True(Distance([.. once.Select(g => 3 * g)], three) < 1e-12);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_pass_leaves_no_tensor_behind(bool byHand, bool checkpointing)
    {
        foreach (var problem in s_cases.Values)
        {
            using var model = CausalLm.Create(problem.Config, 7, torch.ScalarType.Float32);
            using var adapter = problem.Lora is null ? null : LoraAdapter.Create(model, problem.Lora, 3);
            using var work = byHand ? GradientWorkspace.For(model) : null;
            List<long> live = [];
            for (var i = 0; i < 3; i++)
            {
                problem.Solve(model, adapter, work, checkpointing);
                live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            }

            Assert.Equal(live[1], live[^1]);
        }
    }

    /// <summary>Gradients in float64 of the model whose weights were rounded to the narrow type.</summary>
    private static double[] Rounded(PassProblem problem)
    {
        using var scope = torch.NewDisposeScope();
        using var narrow = CausalLm.Create(problem.Config, 7, problem.Dtype);
        using var wide = CausalLm.Create(problem.Config, 7, torch.ScalarType.Float64);
        using (torch.no_grad())
            foreach (var (from, to) in narrow.Parameters.Zip(wide.Parameters))
                to.Value.copy_(from.Value);
        using var adapter = problem.Lora is null ? null : LoraAdapter.Create(wide, problem.Lora, 3);
        return problem.Solve(wide, adapter, null, checkpointing: false).Gradients;
    }

    private static double MeanResidual(double[] a, double[] b) => a.Zip(b, (x, y) => x - y).Average();
}
