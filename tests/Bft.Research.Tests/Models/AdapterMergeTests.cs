using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tests.Training;
using Bft.Tests;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

/// <summary>The model with an adapter beside it against the model with it merged: in memory, and through a folder.</summary>
public sealed class AdapterMergeTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(LoraProblem.Names), MemberType = typeof(LoraProblem))]
    public void Merged_and_beside_agree_and_the_model_is_untied_only_where_one_side_changed(string kind)
    {
        var (model, adapter) = LoraProblem.Create(kind);
        using var scope = torch.NewDisposeScope();
        var beside = Logits(model);
        var touched = model.Embedding.IsAdapted || model.Head.IsAdapted;
        adapter.Merge();
        var merged = LogitDrift.Between(beside, Logits(model));
        Assert.True(merged.Within(1e-12), $"largest {merged.Largest}, mean {merged.Mean}");
        Assert.Equal(merged.Positions, merged.SameBest);
        Assert.Equal(LoraProblem.Kinds[kind].Tied && !touched, model.Config.TiedHead);
        Assert.DoesNotContain(model.AdaptableWeights, w => w.IsAdapted);
        model.Save(_scratch["model"]);
        using (var again = CausalLm.Load(_scratch["model"]))
            Assert.Equal(0, LogitDrift.Between(Logits(model), Logits(again)).Largest);
        model.Dispose();
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("head of a tied model")]
    [InlineData("embedding of a tied model")]
    [InlineData("DoRA on blocks")]
    public void A_scaling_that_is_dropped_is_far_outside_the_bounds_of_rounding(string kind)
    {
        var (model, adapter) = LoraProblem.Create(kind);
        using var scope = torch.NewDisposeScope();
        var beside = Logits(model);
        adapter.Save(_scratch["adapter"]);
        adapter.Dispose();
        var config = Path.Combine(_scratch["adapter"], "adapter_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"lora_alpha\": 7", "\"lora_alpha\": 3", StringComparison.Ordinal)); // scaling 1 for 7/3
        using var wrong = LoraAdapter.Load(model, _scratch["adapter"]);
        wrong.Merge();
        var drift = LogitDrift.Between(beside, Logits(model));
        Assert.False(drift.Within(AdapterMerge.Bound(torch.ScalarType.Float16)), $"largest {drift.Relative}, mean {drift.RelativeMean}");
        Assert.False(drift.Within(AdapterMerge.Bound(torch.ScalarType.BFloat16)), $"largest {drift.Relative}, mean {drift.RelativeMean}");
        model.Dispose();
    }

    [Theory]
    [InlineData("blocks", torch.ScalarType.BFloat16)]
    [InlineData("both ends of a tied model", torch.ScalarType.BFloat16)]
    [InlineData("DoRA on the head", torch.ScalarType.Float16)]
    [InlineData("embedding replaced in a tied model", torch.ScalarType.Float32)]
    public void A_folder_is_written_in_shards_rounded_once_and_said_to_agree(string kind, torch.ScalarType dtype)
    {
        var (@base, folder) = Stored(kind);
        var report = AdapterMerge.Write(@base, folder, _scratch["merged"], new() { Dtype = dtype, MaxShardBytes = 3000, ProbeIds = [1, 5, 9] });
        Assert.True(report.Files.Count > 1);
        Assert.True(File.Exists(Path.Combine(_scratch["merged"], "model.safetensors.index.json")));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(_scratch["merged"], "tokenizer.json")));
        Assert.Equal(43, report.Drift.Positions); // 3 of the text and all 40 of the vocabulary
        Assert.True(report.Drift.Within(report.Bound / 2));
        using var scope = torch.NewDisposeScope();
        using var model = CausalLm.Load(@base, torch.ScalarType.Float32);
        using var adapter = LoraAdapter.Load(model, folder);
        var untied = model.Config.TiedHead && (model.Embedding.IsAdapted || model.Head.IsAdapted);
        adapter.Merge();
        Assert.Equal(untied, report.Untied);
        using var written = CausalLm.Load(_scratch["merged"]);
        Assert.Equal((dtype, model.Config.TiedHead), (written.Dtype, written.Config.TiedHead));
        Assert.Equal(model.Parameters.Select(p => p.Name), written.Parameters.Select(p => p.Name));
        Assert.All(model.Parameters.Zip(written.Parameters), p => Assert.Equal(Doubles(p.First.Value.to(dtype)), Doubles(p.Second.Value)));
        Assert.Throws<IOException>(() => AdapterMerge.Write(@base, folder, _scratch["merged"]));
    }

    [Fact]
    public void A_folder_whose_logits_drift_is_not_left()
    {
        // Weights so wide that attention decides by differences which bfloat16 does not resolve.
        var (@base, folder) = Stored("blocks", c => c with { Layers = 12, InitialDeviation = 2 });
        var error = Assert.Throws<MergeDriftException>(() => AdapterMerge.Write(@base, folder, _scratch["merged"], new() { Dtype = torch.ScalarType.BFloat16 }));
        Assert.StartsWith(_scratch["merged"], error.Message);
        Assert.Contains("within 0.5 deviations", error.Message);
        Assert.False(error.Drift.Within(0.5));
        Assert.Equal(["adapter", "base"], Directory.EnumerateFileSystemEntries(_scratch.Path).Select(Path.GetFileName).Order()!);
        Assert.True(AdapterMerge.Write(@base, folder, _scratch["merged"], new() { Dtype = torch.ScalarType.Float32 }).Drift.Within(5e-4));
    }

    [Fact]
    public void A_value_that_float16_cannot_hold_and_wrong_options_are_named()
    {
        var (@base, folder) = Stored("blocks", c => c with { InitialDeviation = 1e5 });
        Assert.Contains("model.embed_tokens.weight: expected values up to 65504", Assert.Throws<InvalidDataException>(() => AdapterMerge.Write(@base, folder, _scratch["merged"], new() { Dtype = torch.ScalarType.Float16 })).Message);
        var message = Assert.Throws<ArgumentException>(() => AdapterMerge.Write(@base, folder, _scratch["merged"], new() { Dtype = torch.ScalarType.Int8, MaxShardBytes = 0 })).Message;
        Assert.Contains("Dtype", message);
        Assert.Contains("MaxShardBytes", message);
        Assert.False(Directory.Exists(_scratch["merged"]));
    }

    [Fact]
    public void Merging_leaves_no_tensor_behind()
    {
        var (@base, folder) = Stored("both ends of a tied model");
        AdapterMerge.Write(@base, folder, _scratch["first"]);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        AdapterMerge.Write(@base, folder, _scratch["second"]);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        using var model = CausalLm.Load(@base);
        using (torch.NewDisposeScope())
            Logits(model); // makes the rotary table, which stays
        for (var i = 0; i < 3; i++)
        {
            before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            using (LoraAdapter.Load(model, folder))
            using (torch.NewDisposeScope())
                Logits(model);
            Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void The_real_model_merges_from_its_gguf_file_within_half_of_the_bound()
    {
        var gguf = SharedFolder.Require("data", "models", "smollm2-135m-instruct");
        using (var model = CausalLm.Load(gguf, torch.ScalarType.BFloat16))
        using (var adapter = LoraAdapter.Create(model, new() { Rank = 4, Alpha = 8, Targets = ["q_proj", "down_proj", "lm_head"] }, 1))
        {
            Assert.Contains("dequantised to BFloat16: 210 Q4_1, 1 Q8_0; not quantised: 61 F32", Assert.Single(model.LoadRemarks));
            using (torch.NewDisposeScope())
                foreach (var layer in adapter.Layers)
                    layer.B.copy_(torch.linspace(-0.01, 0.01, layer.B.numel()).reshape(layer.B.shape));
            adapter.Save(_scratch["adapter"]);
        }

        var report = AdapterMerge.Write(gguf, _scratch["adapter"], _scratch["merged"], new() { Dtype = torch.ScalarType.BFloat16, MaxShardBytes = 200_000_000 });
        Assert.True(report.Drift.Within(report.Bound / 2), $"{report.Drift}");
        Assert.True(report is { Untied: true, Updated: 61, Files.Count: 2 }, $"{report}");
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors.index.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.EnumerateFiles(_scratch["merged"]).Select(Path.GetFileName).Where(f => !f!.EndsWith(".safetensors", StringComparison.Ordinal)).Order(StringComparer.Ordinal)!);
    }

    private (string Base, string Adapter) Stored(string kind, Func<CausalLmConfig, CausalLmConfig>? change = null)
    {
        var (tied, options) = LoraProblem.Kinds[kind];
        using var shape = TinyModel.Create(torch.ScalarType.Float32, tied);
        using var model = CausalLm.Create(change?.Invoke(shape.Config) ?? shape.Config, 7);
        model.Save(_scratch["base"]);
        File.WriteAllText(Path.Combine(_scratch["base"], "tokenizer.json"), "{}");
        using var adapter = LoraAdapter.Create(model, options, 1);
        LoraProblem.Fill(adapter);
        adapter.Save(_scratch["adapter"]);
        return (_scratch["base"], _scratch["adapter"]);
    }

    private static Tensor Logits(CausalLm model)
    {
        using var off = torch.no_grad();
        return model.Logits(model.Hidden(torch.tensor([.. Rows.SelectMany(r => r)], [1, Rows.Sum(r => r.Length)]))).squeeze(0);
    }
}
