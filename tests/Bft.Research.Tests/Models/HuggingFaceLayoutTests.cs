using System.Buffers.Binary;
using System.Text.Json;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tests.Training;
using Bft.Tests;

namespace Bft.Research.Tests.Models;

/// <summary>Folders of models and adapters against those that Transformers 5.24 and PEFT 0.21 wrote, read by hand: bytes, headers, and how fields are spelt.</summary>
public sealed class HuggingFaceLayoutTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["model"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("llama-sharded", 45_000)]
    [InlineData("llama-plain", 5_000_000_000)]
    [InlineData("llama-biases", 5_000_000_000)]
    [InlineData("llama-f16", 5_000_000_000)]
    [InlineData("llama-rope-yarn", 5_000_000_000)]
    [InlineData("qwen2-tied", 5_000_000_000)]
    [InlineData("qwen3-tied-bf16", 5_000_000_000)]
    public void A_model_of_transformers_is_saved_in_the_same_weight_files_and_spelling(string name, long shard)
    {
        var source = SharedFolder.Require("golden", "models", name);
        using (var model = CausalLm.Load(source))
            model.Save(Folder, maxShardBytes: shard);
        string[] weights = [.. Directory.EnumerateFiles(source, "model*").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        Assert.Equal(weights, Directory.EnumerateFiles(Folder, "model*").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.All(weights, file => Assert.Equal(File.ReadAllBytes(Path.Combine(source, file)), File.ReadAllBytes(Path.Combine(Folder, file))));

        var (theirs, ours) = (Fields(source, "config.json"), Fields(Folder, "config.json"));
        Assert.Equal(theirs.GetValueOrDefault("dtype") ?? theirs["torch_dtype"], ours["torch_dtype"]);
        Assert.Equal(theirs.TryGetValue("rope_parameters", out var rotary) ? JsonDocument.Parse(rotary).RootElement.GetProperty("rope_theta").GetRawText() : theirs["rope_theta"], ours["rope_theta"]);
        string[] common = [.. theirs.Keys.Intersect(ours.Keys).Where(field => field != "max_window_layers")]; // without windows it means nothing, and theirs is not even of the model
        Assert.True(common.Length > 15, $"{common.Length} fields in common");
        Assert.All(common, field => Assert.Equal((field, theirs[field]), (field, ours[field])));
        Assert.Equal(ours.Keys.Order(StringComparer.Ordinal), ours.Keys);
        var generation = Fields(Folder, "generation_config.json");
        Assert.All(generation, field => Assert.Equal(theirs.GetValueOrDefault(field.Key) ?? "true", field.Value));
    }

    [Fact]
    public void Headers_of_a_merged_model_in_shards_follow_the_conventions()
    {
        using (var model = TinyModel.Create(torch.ScalarType.Float32))
        {
            model.Save(_scratch["base"]);
            using var adapter = LoraAdapter.Create(model, new() { Rank = 3, Alpha = 7 }, 1);
            LoraProblem.Fill(adapter);
            adapter.Save(_scratch["adapter"]);
        }

        AdapterMerge.Write(_scratch["base"], _scratch["adapter"], Folder, new() { Dtype = torch.ScalarType.BFloat16, MaxShardBytes = 3000 });
        var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "model.safetensors.index.json"))).RootElement;
        var map = index.GetProperty("weight_map").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        string[] shards = [.. Directory.EnumerateFiles(Folder, "*.safetensors").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        Assert.True(shards.Length > 2);
        var total = 0L;
        Dictionary<string, string> held = [];
        for (var i = 0; i < shards.Length; i++)
        {
            Assert.Equal($"model-{i + 1:D5}-of-{shards.Length:D5}.safetensors", shards[i]);
            foreach (var (name, dtype, bytes) in Header(File.ReadAllBytes(Path.Combine(Folder, shards[i]))))
            {
                Assert.Equal("BF16", dtype);
                Assert.True(held.TryAdd(name, shards[i]), name);
                total += bytes;
            }
        }

        Assert.Equal(held, map);
        Assert.Equal(total, index.GetProperty("metadata").GetProperty("total_size").GetInt64());
        Assert.DoesNotContain("lm_head.weight", held.Keys); // tied
        Assert.Equal(("\"bfloat16\"", "true"), (Fields(Folder, "config.json")["torch_dtype"], Fields(Folder, "config.json")["tie_word_embeddings"]));

        var first = File.ReadAllBytes(Path.Combine(Folder, shards[0]));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Header(System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(first).Replace("\"pt\"", "\"np\"", StringComparison.Ordinal)))); // the wrong variants
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Header([.. first, 0]));
    }

    [Theory]
    [InlineData("llama-r4-qv", 4, 8, false)]
    [InlineData("llama-dora-r4", 4, 8, true)]
    public void A_fresh_adapter_has_the_tensors_and_the_fields_of_peft_that_every_version_knows(string name, int rank, double alpha, bool dora)
    {
        var source = SharedFolder.Require("golden", "peft", name);
        var theirs = Fields(source, "adapter_config.json");
        using (var model = CausalLm.Load(SharedFolder.Require("golden", "models", "llama-plain"), torch.ScalarType.Float32))
        using (var adapter = LoraAdapter.Create(model, new() { Rank = rank, Alpha = alpha, Dora = dora, Targets = JsonSerializer.Deserialize<string[]>(theirs["target_modules"])! }, 1))
            adapter.Save(Folder, "llama-plain");
        var ours = Fields(Folder, "adapter_config.json");
        Assert.All(ours, field => Assert.Equal((field.Key, theirs[field.Key]), (field.Key, field.Value)));
        Assert.Equal(ours.Keys.Order(StringComparer.Ordinal), ours.Keys);
        string[] newer = ["alora_invocation_tokens", "ensure_weight_tying", "eva_config", "exclude_modules", "lora_bias", "qalora_group_size", "target_parameters", "trainable_token_indices", "peft_version"];
        Assert.Empty(newer.Intersect(ours.Keys)); // PEFT 0.10 to 0.13 refuse names that they do not know
        var (read, written) = (File.ReadAllBytes(Path.Combine(source, "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(Folder, "adapter_model.safetensors")));
        Assert.Equal(read.Length, written.Length);
        Assert.Equal(read[..(8 + Length(read))], written[..(8 + Length(written))]);
        Assert.NotEqual(read, written); // other random numbers
    }

    private static int Length(byte[] file) => (int)BinaryPrimitives.ReadInt64LittleEndian(file);

    /// <summary>Names, types and sizes in a safetensors file, with what its library demands of a file.</summary>
    private static List<(string Name, string Dtype, long Bytes)> Header(byte[] file)
    {
        Assert.Equal(0, Length(file) % 8);
        Assert.Equal((byte)'{', file[8]);
        var header = JsonDocument.Parse(file.AsMemory(8, Length(file))).RootElement;
        Assert.Equal("pt", header.GetProperty("__metadata__").GetProperty("format").GetString());
        var end = 0L;
        List<(string, string, long)> tensors = [];
        foreach (var entry in header.EnumerateObject().Where(entry => entry.Name != "__metadata__").OrderBy(entry => entry.Value.GetProperty("data_offsets")[0].GetInt64()))
        {
            var offsets = entry.Value.GetProperty("data_offsets");
            Assert.Equal(end, offsets[0].GetInt64());
            end = offsets[1].GetInt64();
            Assert.Equal(end - offsets[0].GetInt64(), 2 * entry.Value.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, dimension) => product * dimension.GetInt64()));
            tensors.Add((entry.Name, entry.Value.GetProperty("dtype").GetString()!, end - offsets[0].GetInt64()));
        }

        Assert.Equal(file.Length, 8 + Length(file) + end);
        return tensors;
    }

    /// <summary>The fields of a JSON object in the order of the file, their values as they are spelt.</summary>
    private static Dictionary<string, string> Fields(string folder, string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name))).RootElement.EnumerateObject()
        .ToDictionary(field => field.Name, field => string.Concat(field.Value.GetRawText().Where(c => !char.IsWhiteSpace(c))));
}
