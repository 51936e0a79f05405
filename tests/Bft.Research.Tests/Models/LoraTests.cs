using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Tests;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

public sealed class LoraTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"bft-lora-{Guid.NewGuid():N}");
    private readonly CausalLm _model = Create();

    [Fact]
    public void A_fresh_adapter_changes_nothing_and_covers_every_linear_layer()
    {
        var before = Logits();
        using var adapter = LoraAdapter.Create(_model, new() { Rank = 3 }, 1);
        Assert.Equal(before, Logits());
        Assert.Equal(_model.Projections.Count, adapter.Layers.Count);
        Assert.All(adapter.Layers, l => Assert.True(Doubles(l.A).Max(Math.Abs) <= 1 / Math.Sqrt(l.A.shape[1])));
        Assert.All(adapter.Layers, l => Assert.True(Doubles(l.A).Max(Math.Abs) > 0.7 / Math.Sqrt(l.A.shape[1])));
    }

    [Fact]
    public void A_folder_written_and_read_again_gives_the_same_matrices_and_logits()
    {
        double[] with, matrices;
        using (var adapter = Filled(new() { Rank = 4, Alpha = 10, Targets = ["q_proj", "down_proj"] }))
        {
            with = Logits();
            matrices = [.. adapter.Parameters.SelectMany(p => Doubles(p.Value))];
            adapter.Save(_folder, "tiny");
        }

        var without = Logits();
        using var again = LoraAdapter.Load(_model, _folder);
        Assert.Equal(matrices, again.Parameters.SelectMany(p => Doubles(p.Value)));
        Assert.Equal(with, Logits());
        Assert.True(Distance(with, without) > 1e-3);
        Assert.Equal("tiny", JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "adapter_config.json")))!["base_model_name_or_path"]!.GetValue<string>());
        Assert.Throws<IOException>(() => again.Save(_folder)); // never half over something else
        Assert.Equal(["down_proj", "q_proj"], again.Targets);
        again.Dispose();
        using var one = LoraAdapter.Create(_model, new() { Targets = ["layers.0.self_attn.q_proj"] }, 1);
        Assert.Equal(["model.layers.0.self_attn.q_proj"], one.Targets); // the end alone would mean both layers
    }

    [Fact]
    public void Merged_weights_give_the_same_logits_and_a_wrong_scaling_does_not()
    {
        using var adapter = Filled(new() { Rank = 4, Alpha = 10 });
        var with = Logits();
        adapter.Save(_folder);
        adapter.Merge();
        Assert.All(_model.Projections, p => Assert.Null(p.Adapter));
        Assert.True(Distance(with, Logits()) < 1e-12);
        Edit(config => config["lora_alpha"] = 4); // scaling 1 instead of 2.5: the wrong variant
        using var original = Create();
        using var wrong = LoraAdapter.Load(original, _folder);
        Assert.True(Distance(with, Logits(original)) > 1e-3);
    }

    [Fact]
    public void Rank_stabilised_scaling_and_patterns_are_understood()
    {
        Filled(new() { Rank = 4, Alpha = 8 }).Save(_folder);
        _model.Projections[0].Adapter = null;
        using var fresh = Create();
        Edit(config => config["use_rslora"] = true);
        using (var stabilised = LoraAdapter.Load(fresh, _folder))
            Assert.All(stabilised.Layers, l => Assert.Equal(4, l.Scaling)); // 8/√4, not 8/4
        Edit(config =>
        {
            config["use_rslora"] = false;
            config["alpha_pattern"] = new JsonObject { ["layers.1.self_attn.q_proj"] = 16 };
        });
        using var patterned = LoraAdapter.Load(fresh, _folder);
        Assert.Equal(4, patterned.Layers.Single(l => l.Target.Name == "model.layers.1.self_attn.q_proj").Scaling);
        Assert.Equal(2, patterned.Layers[0].Scaling);
    }

    [Fact]
    public void Dora_starts_without_effect_survives_its_folder_and_merges()
    {
        var before = Logits();
        using var adapter = LoraAdapter.Create(_model, new() { Rank = 4, Dora = true, RankStabilized = true }, 1);
        Assert.True(Distance(before, Logits()) < 1e-12);
        using (torch.NewDisposeScope())
        {
            foreach (var layer in adapter.Layers)
            {
                layer.B.copy_(torch.linspace(-0.2, 0.3, layer.B.numel(), torch.ScalarType.Float64).reshape(layer.B.shape));
                layer.Magnitude!.mul_(1.5);
            }
        }

        var with = Logits();
        adapter.Save(_folder);
        using (var fresh = Create())
        using (LoraAdapter.Load(fresh, _folder))
            Assert.Equal(with, Logits(fresh));
        adapter.Merge();
        Assert.True(Distance(with, Logits()) < 1e-12);
        Edit(config => config["use_dora"] = false); // magnitudes are then left over: never ignored
        Assert.Contains("lora_magnitude_vector", Assert.Throws<CheckpointException>(() => LoraAdapter.Load(_model, _folder)).Message);
    }

    [Theory]
    [InlineData("use_dora", true, "lora_magnitude_vector")]
    [InlineData("lora_bias", true, "lora_bias")]
    [InlineData("peft_type", "IA3", "LORA")]
    [InlineData("bias", "all", "trained biases")]
    [InlineData("r", 5, "shape [5, 16]")]
    [InlineData("r", 0, "r: expected a whole number above 0")]
    [InlineData("target_modules", "[", "regular expression")]
    [InlineData("modules_to_save", "embed_tokens", "modules_to_save")]
    public void What_is_not_offered_is_refused_by_name(string field, object value, string message)
    {
        using (var adapter = Filled(new() { Rank = 4 }))
            adapter.Save(_folder);
        Edit(config => config[field] = JsonValue.Create(value));
        var error = Assert.Throws<CheckpointException>(() => LoraAdapter.Load(_model, _folder));
        Assert.Contains(message, error.Message);
        Assert.Contains(_folder, error.Message);
        Assert.All(_model.Projections, p => Assert.Null(p.Adapter));
    }

    [Fact]
    public void Every_wrong_reference_folder_is_refused()
    {
        var bad = SharedFolder.Require("golden", "peft", "bad");
        using var plain = CausalLm.Load(SharedFolder.Require("golden", "models", "llama-plain"), torch.ScalarType.Float64);
        foreach (var folder in Directory.EnumerateDirectories(bad))
            Assert.Throws<CheckpointException>(() => LoraAdapter.Load(plain, folder));
        using var good = LoraAdapter.Load(plain, SharedFolder.Require("golden", "peft", "llama-r8-all-linear"));
        Assert.Equal(14, good.Layers.Count);
    }

    [Fact]
    public void Problems_of_the_options_and_unknown_layers_are_named()
    {
        var message = Assert.Throws<ArgumentException>(() => LoraAdapter.Create(_model, new() { Rank = 0, Alpha = 0, Dropout = 1, Targets = [""] }, 1)).Message;
        Assert.All(["Rank", "Alpha", "Dropout", "Targets"], name => Assert.Contains(name, message));
        Assert.Contains("query_proj", Assert.Throws<ArgumentException>(() => LoraAdapter.Create(_model, new() { Targets = ["query_proj"] }, 1)).Message);
        using var adapter = LoraAdapter.Create(_model, new(), 1);
        Assert.Contains("adapter already", Assert.Throws<ArgumentException>(() => LoraAdapter.Create(_model, new(), 1)).Message);
    }

    [Fact]
    public void Dropout_follows_from_seed_step_micro_batch_and_layer_and_keeps_the_mean()
    {
        var first = Dropped(3, 5, 1, 2);
        Assert.Equal(first, Dropped(3, 5, 1, 2));
        Assert.All([Dropped(4, 5, 1, 2), Dropped(3, 6, 1, 2), Dropped(3, 5, 0, 2), Dropped(3, 5, 1, 3), Dropped(3, 1, 5, 2)], other => Assert.NotEqual(first, other));
        Assert.Equal(1, first.Average(), 0.03); // without the factor 1/(1 − p) it would be 0.75
        Assert.Equal(0.25, first.Count(v => v == 0) / 10_000.0, 0.02);
        using var scope = torch.NewDisposeScope();
        using var dropout = new LoraDropout(0.25, 3, torch.CPU);
        Assert.Equal(1, Doubles(dropout.Apply(torch.ones(10, torch.ScalarType.Float64), 0)).Min());
        dropout.Start(0, 0);
        var drawn = Doubles(dropout.Apply(torch.ones(1000), 0));
        Assert.Equal(drawn, Doubles(dropout.Apply(torch.ones(1000), 0))); // a block that is computed again; a generator that runs on would not
        dropout.Stop();
        Assert.Equal(1, Doubles(dropout.Apply(torch.ones(10, torch.ScalarType.Float64), 0)).Min());
    }

    public void Dispose()
    {
        _model.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static double[] Dropped(long seed, int step, int microBatch, int layer)
    {
        using var scope = torch.NewDisposeScope();
        using var dropout = new LoraDropout(0.25, seed, torch.CPU);
        dropout.Start(step, microBatch);
        return Doubles(dropout.Apply(torch.ones(10_000, torch.ScalarType.Float64), layer));
    }

    private LoraAdapter Filled(LoraOptions options)
    {
        var adapter = LoraAdapter.Create(_model, options, 1);
        using var scope = torch.NewDisposeScope();
        foreach (var layer in adapter.Layers)
            layer.B.copy_(torch.linspace(-0.2, 0.3, layer.B.numel(), torch.ScalarType.Float64).reshape(layer.B.shape));
        return adapter;
    }

    private double[] Logits(CausalLm? model = null)
    {
        model ??= _model;
        using var scope = torch.NewDisposeScope();
        return Doubles(model.Logits(model.Hidden(torch.tensor(Rows[3], [1, Rows[3].Length]))));
    }

    private void Edit(Action<JsonNode> change)
    {
        var file = Path.Combine(_folder, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        change(config);
        File.WriteAllText(file, config.ToJsonString());
    }
}
