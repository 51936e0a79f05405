using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tests.Training;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

/// <summary>Gradients of adapters against an oracle in float64: autograd over all logits of the merged model gives ∂L/∂W', and the chain rule by hand the rest.</summary>
public sealed class LoraGradientTests
{
    private static readonly ObjectiveOptions s_objective = new() { ConfidenceWindow = 2 };
    private static readonly LmHeadOptions s_tiles = new() { TokenChunk = 5, VocabularyChunk = 7, KeptLogits = 100 }; // partial last chunks; some tiles kept, some computed again

    [Theory]
    [MemberData(nameof(LoraProblem.Names), MemberType = typeof(LoraProblem))]
    public void Every_gradient_is_that_of_the_merged_weights_by_the_chain_rule(string kind)
    {
        using var scope = torch.NewDisposeScope();
        var (expected, trained) = (Oracle(kind), Trained(kind, torch.ScalarType.Float64));
        Assert.Equal(expected.Keys.Order(), trained.Keys.Order());
        Assert.All(trained, g => Assert.True(Relative(expected[g.Key], g.Value) < 1e-10, $"{g.Key}: {Relative(expected[g.Key], g.Value)}"));
        Assert.All(expected.Values, g => Assert.True(g.Max(Math.Abs) > 1e-5));
        Assert.All(Trained(kind, torch.ScalarType.Float64, checkpointing: true), g => Assert.True(Relative(trained[g.Key], g.Value) < 1e-10, g.Key));
    }

    [Theory]
    [InlineData("DoRA on blocks")]
    [InlineData("DoRA on the head")]
    [InlineData("both ends of a tied model")]
    public void In_float32_the_gradient_differs_by_rounding_only(string kind)
    {
        using var scope = torch.NewDisposeScope();
        var (expected, trained) = (Oracle(kind), Trained(kind, torch.ScalarType.Float32));
        Assert.All(trained, g => Assert.True(Relative(expected[g.Key], g.Value) < 2e-5, $"{g.Key}: {Relative(expected[g.Key], g.Value)}"));
    }

    [Fact]
    public void In_bfloat16_the_head_routine_errs_no_more_than_autograd_over_all_logits()
    {
        using var scope = torch.NewDisposeScope();
        const string Kind = "head of a tied model";
        using var rounded = TinyModel.Create(torch.ScalarType.BFloat16);
        var exact = Oracle(Kind, rounded);
        var ours = Trained(Kind, torch.ScalarType.BFloat16);
        var plain = Plain(Kind, torch.ScalarType.BFloat16);
        Assert.All(ours, g => Assert.True(Relative(exact[g.Key], g.Value) < 0.3));
        Assert.True(Mean(ours) <= 1.1 * Mean(plain), $"{Mean(ours)} against {Mean(plain)}");
        double Mean(Dictionary<string, double[]> gradients) => gradients.Average(g => Relative(exact[g.Key], g.Value));
    }

    [Fact]
    public void Wrong_gradients_are_noticed()
    {
        using var scope = torch.NewDisposeScope();
        var update = "model.layers.0.self_attn.q_proj.lora_B.weight";
        Assert.True(Relative(Oracle("blocks", scaled: false)[update], Trained("blocks", torch.ScalarType.Float64)[update]) > 0.1, "the scaling is part of the gradient");
        Assert.True(Relative(Oracle("DoRA on blocks", fixedNorm: false)[update], Trained("DoRA on blocks", torch.ScalarType.Float64)[update]) > 1e-3, "the norm of DoRA is a constant");
        update = "model.embed_tokens.lora_embedding_A";
        var ends = Oracle("both ends of a tied model", sumsEnds: true);
        Assert.True(Relative(ends[update], Trained("both ends of a tied model", torch.ScalarType.Float64)[update]) > 0.1, "the head does not pull at the embedding's update");
    }

    [Fact]
    public void Dropout_on_the_head_has_the_gradient_of_the_same_mask_over_all_logits()
    {
        using var scope = torch.NewDisposeScope();
        var options = LoraProblem.Kinds["head of a tied model"].Options with { Dropout = 0.3 };
        var (ours, plain) = (Trained("head of a tied model", torch.ScalarType.Float64, options), Plain("head of a tied model", torch.ScalarType.Float64, options));
        Assert.All(ours, g => Assert.True(Relative(plain[g.Key], g.Value) < 1e-10, g.Key));
        Assert.True(Relative(Trained("head of a tied model", torch.ScalarType.Float64)["lm_head.lora_B.weight"], ours["lm_head.lora_B.weight"]) > 0.05, "something was dropped");
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
        Assert.Contains("Dropout", Assert.Throws<ArgumentException>(() => LoraAdapter.Create(TinyModel.Create(), new() { Dora = true, Dropout = 0.1, Targets = ["lm_head"] }, 1)).Message);
    }

    [Theory]
    [InlineData("DoRA on the head")]
    [InlineData("DoRA on the embedding")]
    [InlineData("head replaced beside an embedding update")]
    public void Steps_leave_no_tensor_behind_and_learn_the_rows(string kind)
    {
        var (model, adapter) = LoraProblem.Create(kind, torch.ScalarType.BFloat16);
        using var trainer = new Trainer(model, Options(LoraProblem.Kinds[kind].Options) with { Optimizer = new() }, adapter);
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
    private static Dictionary<string, double[]> Plain(string kind, torch.ScalarType dtype, LoraOptions? options = null)
    {
        using var model = TinyModel.Create(dtype, LoraProblem.Kinds[kind].Tied);
        using var adapter = LoraAdapter.Create(model, options ?? LoraProblem.Kinds[kind].Options, 1);
        LoraProblem.Fill(adapter);
        foreach (var (_, value) in adapter.Parameters)
            value.requires_grad = true;
        adapter.StartDropout(0, 0);
        Loss(model).backward();
        return adapter.Parameters.ToDictionary(p => p.Name, p => Doubles(p.Value.grad!));
    }

    /// <summary>Gradients by the chain rule from those of the merged weights, all in float64; with switches that make it wrong.</summary>
    private static Dictionary<string, double[]> Oracle(string kind, CausalLm? weights = null, bool scaled = true, bool fixedNorm = true, bool sumsEnds = false)
    {
        var (model, adapter) = LoraProblem.Create(kind);
        var (merged, mergedAdapter) = LoraProblem.Create(kind);
        using var _ = new Pair(model, adapter, merged, mergedAdapter);
        if (weights is not null)
            foreach (var m in new[] { model, merged })
                foreach (var (mine, theirs) in m.Parameters.Zip(weights.Parameters))
                    mine.Value.copy_(theirs.Value);
        mergedAdapter.Merge();
        foreach (var (_, value) in merged.Parameters)
            value.requires_grad = true;
        Loss(merged).backward();
        var whole = merged.Parameters.ToDictionary(p => p.Name, p => p.Value.grad!);
        if (sumsEnds)
            whole["model.embed_tokens.weight"] = whole["model.embed_tokens.weight"] + whole["lm_head.weight"];
        Dictionary<string, double[]> gradients = adapter.Parameters.Where(p => whole.ContainsKey(p.Name)).ToDictionary(p => p.Name, p => Doubles(whole[p.Name]));
        foreach (var layer in adapter.Layers)
            Chain(layer, whole[$"{layer.Target.Name}.weight"], gradients, scaled ? layer.Scaling : 1, fixedNorm);
        return gradients;
    }

    private static void Chain(LoraLayer layer, Tensor whole, Dictionary<string, double[]> gradients, double scaling, bool fixedNorm)
    {
        var embedding = layer.Target is TokenEmbedding;
        var (weight, gradient) = embedding ? (layer.Target.Weight.t(), whole.t()) : (layer.Target.Weight, whole);
        var updated = weight + layer.B.mm(layer.A) * layer.Scaling;
        string Key(char matrix) => embedding ? $"{layer.Target.Name}.lora_embedding_{matrix}" : $"{layer.Target.Name}.lora_{matrix}.weight";
        if (layer.Magnitude is { } magnitude)
        {
            var norms = updated.norm(1);
            gradients[$"{layer.Target.Name}.lora_magnitude_vector"] = Doubles((gradient * updated).sum(1) / norms);
            var free = gradient * (magnitude / norms).unsqueeze(1);
            gradient = fixedNorm ? free : free - updated * ((gradient * updated).sum(1) * magnitude / norms.pow(3)).unsqueeze(1);
        }

        gradients[Key('A')] = Doubles(layer.B.t().mm(gradient) * scaling);
        gradients[Key('B')] = Doubles(gradient.mm(layer.A.t()) * scaling);
    }

    private static Tensor Loss(CausalLm model)
    {
        var batch = Batch(Enumerable.Range(0, 8));
        return FullLogits.Loss(model.Logits(model.Hidden(batch)), batch.Scored, Objective.Create(s_objective), Trainer.Totals([batch])).Loss;
    }

    private static double Relative(double[] expected, double[] actual) => Distance(expected, actual) / expected.Max(Math.Abs);

    private sealed record Pair(CausalLm Model, LoraAdapter Adapter, CausalLm Merged, LoraAdapter MergedAdapter) : IDisposable
    {
        public void Dispose()
        {
            Adapter.Dispose();
            MergedAdapter.Dispose();
            Model.Dispose();
            Merged.Dispose();
        }
    }
}
