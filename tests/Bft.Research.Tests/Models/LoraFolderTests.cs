using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tests.Training;
using Bft.Tests;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models;

/// <summary>PEFT folders in and out: keys, bytes, fields, logits; and folders that must be refused.</summary>
public sealed class LoraFolderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["adapter"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void Every_folder_of_peft_is_written_again_with_the_same_keys_bytes_and_fields(torch.ScalarType dtype)
    {
        foreach (var (folder, name) in References())
        {
            using var model = CausalLm.Load(SharedFolder.Require("golden", "models", name), dtype);
            byte[] logits;
            using (var adapter = LoraAdapter.Load(model, folder))
            {
                Assert.Empty(adapter.LoadRemarks);
                logits = Bytes(model);
                adapter.Save(_scratch["again"]);
            }

            var (read, written) = (Path.Combine(folder, "adapter_model.safetensors"), Path.Combine(_scratch["again"], "adapter_model.safetensors"));
            var narrowed = dtype == torch.ScalarType.BFloat16 && HoldsWholeMatrices(folder); // a float32 matrix that stands in for one of the model is rounded to it, as in PEFT
            if (narrowed)
                Assert.Equal(Names(read), Names(written));
            else
                Assert.Equal(File.ReadAllBytes(read), File.ReadAllBytes(written));
            Assert.True(JsonNode.DeepEquals(Config(folder), Config(_scratch["again"])), folder);
            using (LoraAdapter.Load(model, _scratch["again"]))
                Assert.Equal(logits, Bytes(model));
            Assert.NotEqual(name == "llama-plain" && folder.EndsWith("llama-zero-b", StringComparison.Ordinal) ? [] : logits, Bytes(model));
            Directory.Delete(_scratch["again"], recursive: true);
        }
    }

    [Fact]
    public void What_was_trained_is_written_in_the_type_that_holds_it()
    {
        using var model = TinyModel.Create(torch.ScalarType.Float32);
        using (var adapter = LoraAdapter.Create(model, new() { Rank = 2 }, 1))
        {
            LoraProblem.Fill(adapter);
            using (torch.NewDisposeScope())
                foreach (var (_, value) in adapter.Parameters)
                    value.copy_(value.to(torch.ScalarType.BFloat16));
            adapter.Save(Folder);
        }

        var narrow = SafetensorsNarrowed(Folder, _scratch["narrow"]);
        using var again = LoraAdapter.Load(model, narrow);
        again.Save(_scratch["same"]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(narrow, "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(_scratch["same"], "adapter_model.safetensors")));
        using (torch.NewDisposeScope())
            again.Layers[0].A.add_(1e-6);
        again.Save(_scratch["trained"]);
        using var file = SafetensorsFile.Open(Path.Combine(_scratch["trained"], "adapter_model.safetensors"));
        Assert.All(file.Entries.Values, e => Assert.Equal("F32", e.Dtype.Name)); // bfloat16 would round the step away
    }

    [Theory]
    [InlineData("bias-all", "adapter_config.json: bias: expected none (trained biases are not supported), actual all")]
    [InlineData("extra-module", "base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight: expected only what the configuration asks for and the model has, actual 4 others")]
    [InlineData("layers-beyond", "base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight: expected only what")]
    [InlineData("missing-b", "layers.0.self_attn.q_proj.lora_B.weight: expected a matrix of the adapter, actual nothing")]
    [InlineData("no-such-module", "adapter_config.json: target_modules: expected names of linear layers, lm_head or model.embed_tokens of the model, actual query_proj")]
    [InlineData("no-tensors", "adapter_model.safetensors: file: expected the adapter's tensors, actual nothing")]
    [InlineData("other-type", "adapter_config.json: peft_type: expected LORA, actual IA3")]
    [InlineData("rank-differs", "layers.0.self_attn.q_proj.lora_A.weight: expected shape [8, 32], actual [4, 32]")]
    [InlineData("unknown-key", "actual model.layers.0.self_attn.q_proj.lora_A.weight, a name without PEFT's prefix")]
    [InlineData("wrong-width", "layers.0.self_attn.q_proj.lora_A.weight: expected shape [4, 32], actual [4, 30]")]
    public void A_wrong_folder_is_refused_by_file_key_expected_and_actual(string name, string message)
    {
        var folder = SharedFolder.Require("golden", "peft", "bad", name);
        using var model = CausalLm.Load(SharedFolder.Require("golden", "models", name == "bias-all" ? "llama-biases" : "llama-plain"), torch.ScalarType.Float32);
        var error = Assert.Throws<CheckpointException>(() => LoraAdapter.Load(model, folder));
        Assert.StartsWith(folder, error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain(model.AdaptableWeights, w => w.IsAdapted);
    }

    [Theory]
    [InlineData("modules_to_save", """["q_proj"]""", "modules_to_save: expected embed_tokens or lm_head, actual q_proj")]
    [InlineData("modules_to_save", """["embed_tokens"]""", "model.embed_tokens.weight: expected a matrix of the adapter, actual nothing")]
    [InlineData("target_modules", "\".*norm\"", "target_modules: expected nothing but linear layers and the embedding, actual model.layers.0.input_layernorm, too")]
    [InlineData("target_modules", "\"nothing\"", "target_modules: expected a linear layer or the embedding of the model, actual none")]
    [InlineData("target_modules", "\"(\"", "pattern: expected a regular expression")]
    [InlineData("target_modules", "[]", "target_modules: expected names of layers")]
    [InlineData("layers_to_transform", "[0]", "only what the configuration asks for")]
    [InlineData("exclude_modules", """["down_proj"]""", "only what the configuration asks for")]
    [InlineData("rank_pattern", """{"q_proj": 2.5}""", "rank_pattern.q_proj: expected a whole number, actual 2.5")]
    [InlineData("rank_pattern", """{"q_proj": 3}""", "q_proj.lora_A.weight: expected shape [3, 16], actual [4, 16]")]
    [InlineData("init_lora_weights", "\"pissa_niter_4\"", "init_lora_weights: expected true, false or gaussian")]
    [InlineData("target_parameters", """["mlp.gate"]""", "target_parameters: expected nothing (not supported)")]
    [InlineData("trainable_token_indices", "[1]", "trainable_token_indices: expected nothing")]
    [InlineData("alora_invocation_tokens", "[1]", "alora_invocation_tokens")]
    [InlineData("use_dora", "1", "use_dora: expected true or false, actual 1")]
    public void A_field_that_does_not_fit_is_refused(string field, string value, string message)
    {
        using var model = Saved(new() { Rank = 4 });
        Edit(config => config[field] = JsonNode.Parse(value));
        var error = Assert.Throws<CheckpointException>(() => LoraAdapter.Load(model, Folder));
        Assert.StartsWith(Folder, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void A_tie_that_the_file_wants_kept_is_refused_where_it_matters_and_unknown_fields_are_named()
    {
        using var model = Saved(new() { Rank = 4, Targets = ["lm_head", "q_proj"] });
        Edit(config => config["ensure_weight_tying"] = true);
        Assert.Contains("ensure_weight_tying: expected false where lm_head of a tied model changes", Assert.Throws<CheckpointException>(() => LoraAdapter.Load(model, Folder)).Message);
        using var untied = TinyModel.Create(tied: false);
        LoraAdapter.Load(untied, Folder).Dispose();
        Edit(config =>
        {
            config["ensure_weight_tying"] = false;
            config["a_new_switch"] = true;
            config["a_new_rest"] = null;
        });
        using var adapter = LoraAdapter.Load(model, Folder);
        Assert.Contains("a_new_switch is not known here", Assert.Single(adapter.LoadRemarks));
    }

    [Fact]
    public void Numbers_that_are_not_finite_or_not_floating_are_refused()
    {
        using var model = Saved(new() { Rank = 4 });
        var file = Path.Combine(Folder, "adapter_model.safetensors");
        Rewrite(file, (_, value) => value.index_fill_(0, torch.zeros(1, torch.ScalarType.Int64), double.NaN));
        Assert.Contains("expected finite numbers, actual NaN or infinity", Assert.Throws<CheckpointException>(() => LoraAdapter.Load(model, Folder)).Message);
        Rewrite(file, (_, value) => value.nan_to_num_().to(torch.ScalarType.Int32));
        Assert.Contains("expected floating-point numbers of 16, 32 or 64 bits, actual I32", Assert.Throws<CheckpointException>(() => LoraAdapter.Load(model, Folder)).Message);
    }

    [Fact]
    public void A_base_matrix_in_the_folder_that_is_not_the_models_is_used_and_named_or_refused_on_a_tied_model()
    {
        var folder = SharedFolder.Require("golden", "peft", "llama-lm-head");
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.EnumerateFiles(folder))
            File.WriteAllBytes(Path.Combine(Folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        using var plain = CausalLm.Load(SharedFolder.Require("golden", "models", "llama-plain"), torch.ScalarType.Float32);
        byte[] same;
        using (LoraAdapter.Load(plain, Folder))
            same = Bytes(plain);
        Rewrite(Path.Combine(Folder, "adapter_model.safetensors"), (name, value) => name.Contains("base_layer", StringComparison.Ordinal) ? value.mul_(1.5) : value);
        using (var adapter = LoraAdapter.Load(plain, Folder))
        {
            Assert.Contains("lm_head.base_layer.weight differs from the model's by up to", Assert.Single(adapter.LoadRemarks));
            var with = Bytes(plain);
            Assert.NotEqual(same, with);
            adapter.Save(_scratch["again"]);
            Assert.Equal(File.ReadAllBytes(Path.Combine(Folder, "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(_scratch["again"], "adapter_model.safetensors")));
            adapter.Merge();
            Assert.True(Distance(Floats(with), Floats(Bytes(plain))) < 1e-4);
        }

        using var shape = CausalLm.Load(SharedFolder.Require("golden", "models", "llama-plain"));
        using var tied = CausalLm.Create(shape.Config with { TiedHead = true }, 1);
        Assert.Contains("expected the matrix of the model, whose head is tied", Assert.Throws<CheckpointException>(() => LoraAdapter.Load(tied, Folder)).Message);
    }

    private static IEnumerable<(string Folder, string Model)> References()
    {
        var peft = SharedFolder.Require("golden", "peft");
        var folders = Directory.EnumerateDirectories(peft).Where(f => File.Exists(Path.Combine(f, "adapter_config.json"))).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(16, folders.Count);
        return folders.Select(f => (f, Config(f)["base_model_name_or_path"]!.GetValue<string>()));
    }

    private static JsonNode Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!;

    private static bool HoldsWholeMatrices(string folder) => Names(Path.Combine(folder, "adapter_model.safetensors")).Any(name => !name.Contains(".lora_", StringComparison.Ordinal));

    private static IReadOnlyList<string> Names(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Names;
    }

    private CausalLm Saved(LoraOptions options)
    {
        var model = TinyModel.Create();
        using var adapter = LoraAdapter.Create(model, options, 1);
        LoraProblem.Fill(adapter);
        adapter.Save(Folder);
        return model;
    }

    private void Edit(Action<JsonNode> change)
    {
        var config = Config(Folder);
        change(config);
        File.WriteAllText(Path.Combine(Folder, "adapter_config.json"), config.ToJsonString());
    }

    private static void Rewrite(string path, Func<string, Tensor, Tensor> change)
    {
        using var scope = torch.NewDisposeScope();
        List<(string, Tensor)> tensors;
        using (var file = SafetensorsFile.Open(path))
            tensors = [.. file.Names.Select(name => (name, change(name, file.Load(name))))];
        SafetensorsWriter.Write(path, tensors, SafetensorsWriter.PyTorchMetadata);
    }

    private static string SafetensorsNarrowed(string folder, string narrow)
    {
        Directory.CreateDirectory(narrow);
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(narrow, Path.GetFileName(file)));
        Rewrite(Path.Combine(narrow, "adapter_model.safetensors"), (_, value) => value.to(torch.ScalarType.BFloat16));
        return narrow;
    }

    /// <summary>All bits of the logits of a row.</summary>
    private static byte[] Bytes(CausalLm model)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        return model.Logits(model.Hidden(torch.tensor(new long[] { 3, 17, 101, 250, 9 }, [1, 5]))).contiguous().bytes.ToArray();
    }

    private static double[] Floats(byte[] bytes) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(v => (double)v)];
}
