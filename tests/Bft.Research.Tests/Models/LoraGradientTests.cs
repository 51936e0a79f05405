using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tests.Training;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

/// <summary>Gradients of adapters under dropout and in bfloat16; against the merged weights they are compared in Equivalence/MergedClass.cs.</summary>
public sealed class LoraGradientTests
{
    private static readonly ObjectiveOptions s_objective = new() { ConfidenceWindow = 2 };
    private static readonly LmHeadOptions s_tiles = new() { TokenChunk = 5, VocabularyChunk = 7, KeptLogits = 100 }; // partial last chunks; some tiles kept, some computed again

    [Fact]
    public void In_bfloat16_the_head_routine_errs_no_more_than_autograd_over_all_logits()
    {
        using var scope = torch.NewDisposeScope();
        const string Kind = "head of a tied model";
        using var rounded = TinyModel.Create(torch.ScalarType.BFloat16);
        var exact = Plain(Kind, torch.ScalarType.Float64, weights: rounded);
        var ours = Trained(Kind, torch.ScalarType.BFloat16);
        var plain = Plain(Kind, torch.ScalarType.BFloat16);
        Assert.All(ours, g => Assert.True(Relative(exact[g.Key], g.Value) < 0.3));
        Assert.True(Mean(ours) <= 1.1 * Mean(plain), $"{Mean(ours)} against {Mean(plain)}");
        double Mean(Dictionary<string, double[]> gradients) => gradients.Average(g => Relative(exact[g.Key], g.Value));
    }

    [Theory]
    [InlineData("head of a tied model")]
    [InlineData("DoRA on the head")]
    public void Dropout_on_the_head_has_the_gradient_of_the_same_mask_over_all_logits(string kind)
    {
        using var scope = torch.NewDisposeScope();
        var options = LoraProblem.Kinds[kind].Options with { Dropout = 0.3 };
        var (ours, plain) = (Trained(kind, torch.ScalarType.Float64, options), Plain(kind, torch.ScalarType.Float64, options));
        Assert.All(ours, g => Assert.True(Relative(plain[g.Key], g.Value) < 1e-10, $"{g.Key}: {Relative(plain[g.Key], g.Value)}"));
        Assert.All(Trained(kind, torch.ScalarType.Float32, options), g => Assert.True(Relative(plain[g.Key], g.Value) < 2e-5, $"{g.Key}: {Relative(plain[g.Key], g.Value)}"));
        Assert.True(Relative(Trained(kind, torch.ScalarType.Float64)["lm_head.lora_B.weight"], ours["lm_head.lora_B.weight"]) > 0.05, "something was dropped");
    }

    [Fact]
    public void That_the_head_of_dora_thins_what_the_base_makes_of_its_factor_is_part_of_its_gradient()
    {
        using var scope = torch.NewDisposeScope();
        const string Kind = "DoRA on the head";
        var options = LoraProblem.Kinds[Kind].Options with { Dropout = 0.3 };
        var ours = Trained(Kind, torch.ScalarType.Float64, options);
        Tensor Unthinned(CausalLm model, Tensor hidden) // the wrong variant: the factor acts on the base's product with all of the input
        {
            var layer = (LoraLayer)model.Head.Adapter!;
            return (torch.nn.functional.linear(hidden, model.HeadWeight) + layer.Low(layer.Dropped(hidden)).reshape(-1, layer.Rank).mm(layer.B.t()).reshape(hidden.shape[0], hidden.shape[1], -1)) * layer.Factor()!;
        }

        var wrong = Plain(Kind, torch.ScalarType.Float64, options, logits: Unthinned);
        Assert.All(["lm_head.lora_magnitude_vector", "model.layers.0.self_attn.v_proj.lora_A.weight"], name => Assert.True(Relative(wrong[name], ours[name]) > 1e-2, $"{name}: {Relative(wrong[name], ours[name])}"));
    }

    [Fact]
    public void Dropout_beside_dora_thins_both_products_as_peft_does()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyModel.Create();
        using var adapter = LoraAdapter.Create(model, new() { Rank = 3, Dora = true, Dropout = 0.4 }, 1);
        LoraProblem.Fill(adapter);
        var layer = adapter.Layers[0];
        var x = torch.linspace(-1, 1, 5 * 16, torch.ScalarType.Float64).reshape(5, 16);
        var y = torch.nn.functional.linear(x, layer.Target.Weight);
        var still = layer.Add(x, y);
        adapter.StartDropout(2, 1);
        var thinned = layer.Add(x, y);
        using var dropout = new LoraDropout(0.4, 1, torch.CPU);
        dropout.Start(2, 1);
        var inputs = dropout.Apply(x, 0);
        var factor = layer.Magnitude! / (layer.Target.Weight + layer.B.mm(layer.A) * layer.Scaling).norm(1);
        Tensor By(Tensor first) => y + (factor - 1) * torch.nn.functional.linear(first, layer.Target.Weight) + factor * layer.Scaling * inputs.mm(layer.A.t()).mm(layer.B.t());
        Assert.True(Distance(Doubles(By(inputs)), Doubles(thinned)) < 1e-12);
        Assert.True(Distance(Doubles(By(x)), Doubles(thinned)) > 1e-3, "the product with the base is thinned, too");
        Assert.True(Distance(Doubles(still), Doubles(thinned)) > 1e-3);
    }

    [Theory]
    [InlineData("DoRA on the head", 0)]
    [InlineData("DoRA on the head", 0.1)]
    [InlineData("DoRA on the embedding", 0)]
    [InlineData("head replaced beside an embedding update", 0)]
    public void Steps_leave_no_tensor_behind_and_learn_the_rows(string kind, double dropout)
    {
        var options = LoraProblem.Kinds[kind].Options with { Dropout = dropout };
        var model = TinyModel.Create(torch.ScalarType.BFloat16, LoraProblem.Kinds[kind].Tied);
        var adapter = LoraAdapter.Create(model, options, 1);
        LoraProblem.Fill(adapter);
        using var trainer = new Trainer(model, Options(options) with { Optimizer = new() }, adapter);
        List<(double Nll, long Live)> steps = [];
        for (var step = 0; step < 25; step++)
            steps.Add((trainer.Step(MicroBatches(4), 0.02).MeanNll, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount));
        Assert.Equal(steps[1].Live, steps[^1].Live);
        Assert.True(steps[^1].Nll < steps[0].Nll * 0.9, $"{steps[0].Nll} to {steps[^1].Nll}");
        adapter.Dispose();
        model.Dispose();
    }

    [Theory]
    [MemberData(nameof(LoraProblem.Names), MemberType = typeof(LoraProblem))]
    public void Whoever_measures_sees_the_adapter_on_head_and_embedding(string kind)
    {
        var (model, adapter) = LoraProblem.Create(kind);
        var batch = Batch(0, 3, 5);
        var logits = new double[batch.Scored.Count];
        using (torch.NewDisposeScope())
        {
            var all = model.Logits(model.Hidden(batch)).log_softmax(2).reshape(-1, 40);
            for (var i = 0; i < logits.Length; i++)
                logits[i] = all[batch.Scored.Positions[i], batch.Scored.Targets[i]].ToDouble();
        }

        Assert.True(Distance(logits, Perplexity.LogProbs(model, batch)) < 1e-12);
        Assert.True(Distance(logits, model.Measure(batch).LogProbs) < 1e-12);
        adapter.Dispose();
        Assert.True(Distance(logits, Perplexity.LogProbs(model, batch)) > 1e-3);
        model.Dispose();
    }

    private static TrainerOptions Options(LoraOptions lora) => new() { Lora = lora, Objective = s_objective, Head = s_tiles, MaxGradientNorm = double.PositiveInfinity };

    /// <summary>What the trainer accumulates over all rows.</summary>
    private static Dictionary<string, double[]> Trained(string kind, torch.ScalarType dtype, LoraOptions? options = null, bool checkpointing = false)
    {
        using var model = TinyModel.Create(dtype, LoraProblem.Kinds[kind].Tied);
        using var adapter = LoraAdapter.Create(model, options ?? LoraProblem.Kinds[kind].Options, 1);
        LoraProblem.Fill(adapter);
        using var trainer = new Trainer(model, Options(options ?? LoraProblem.Kinds[kind].Options) with { GradientCheckpointing = checkpointing }, adapter);
        trainer.Accumulate([Batch(Enumerable.Range(0, 8))]);
        return trainer.Tensors.ToDictionary(t => t.Name, t => Doubles(t.Gradient!));
    }

    /// <summary>Autograd through the model and all logits, in its own dtype.</summary>
    private static Dictionary<string, double[]> Plain(string kind, torch.ScalarType dtype, LoraOptions? options = null, CausalLm? weights = null, Func<CausalLm, Tensor, Tensor>? logits = null)
    {
        using var model = TinyModel.Create(dtype, LoraProblem.Kinds[kind].Tied);
        using (torch.no_grad())
            foreach (var (mine, theirs) in model.Parameters.Zip(weights?.Parameters ?? []))
                mine.Value.copy_(theirs.Value);
        using var adapter = LoraAdapter.Create(model, options ?? LoraProblem.Kinds[kind].Options, 1);
        LoraProblem.Fill(adapter);
        foreach (var (_, value) in adapter.Parameters)
            value.requires_grad = true;
        adapter.StartDropout(0, 0);
        Loss(model, logits).backward();
        return adapter.Parameters.ToDictionary(p => p.Name, p => Doubles(p.Value.grad!));
    }

    private static Tensor Loss(CausalLm model, Func<CausalLm, Tensor, Tensor>? logits)
    {
        var batch = Batch(Enumerable.Range(0, 8));
        var hidden = model.Hidden(batch);
        return FullLogits.Loss(logits?.Invoke(model, hidden) ?? model.Logits(hidden), batch.Scored, Objective.Create(s_objective), Trainer.Totals([batch])).Loss;
    }

    private static double Relative(double[] expected, double[] actual) => Distance(expected, actual) / expected.Max(Math.Abs);
}
