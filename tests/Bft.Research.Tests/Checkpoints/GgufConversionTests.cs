using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Tests;

namespace Bft.Research.Tests.Checkpoints;

public class GgufConversionTests
{
    private static readonly float[] s_rows = [.. Enumerable.Range(0, 8).Select(i => (float)i)];

    [Fact]
    public void Query_and_key_rows_return_to_halves_and_nothing_else_moves()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        using var weights = new GgufWeights(GgufBuilder.Tiny().Open(folder), ownsFile: true);
        float[] Load(string name) => weights.Load($"model.layers.0.self_attn.{name}", torch.ScalarType.Float32, torch.CPU).data<float>().ToArray();
        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Load("q_proj.weight"));
        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Load("q_proj.bias"));
        Assert.Equal([0f, 2, 1, 3], Load("k_proj.weight"));
        Assert.Equal([0f, 1, 2, 3], Load("v_proj.weight"));
        Assert.NotEqual(s_rows, Load("q_proj.weight")); // the wrong variant: the order of the file
    }

    [Fact]
    public void The_folder_holds_configuration_weights_and_tokenizer()
    {
        using var folder = new ScratchFolder();
        GgufBuilder.Tiny().Open(folder).Dispose();
        GgufConversion.Convert(folder["m.gguf"], folder["out"], torch.ScalarType.BFloat16);
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "config.json")));
        Assert.Equal(("LlamaForCausalLM", true, 1e-5, 500000, "bfloat16"), (
            config.RootElement.GetProperty("architectures")[0].GetString(), config.RootElement.GetProperty("tie_word_embeddings").GetBoolean(),
            config.RootElement.GetProperty("rms_norm_eps").GetDouble(), config.RootElement.GetProperty("rope_theta").GetDouble(), config.RootElement.GetProperty("torch_dtype").GetString()));
        using var tokenizer = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "tokenizer.json")));
        Assert.Equal(["<s>", "a", "b", "ab"], tokenizer.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().Select(p => p.Name));
        using var weights = SafetensorsWeights.Open(folder["out"]);
        using var embedding = weights.Load("model.embed_tokens.weight", torch.ScalarType.Float32, torch.CPU);
        Assert.Equal([1f, 2, 3, 4, 5], embedding.data<float>().ToArray());
        Assert.Equal("BF16", weights.Describe("model.embed_tokens.weight").StoredAs);
    }

    [Fact]
    public void A_stored_head_means_untied()
    {
        using var folder = new ScratchFolder();
        using var file = GgufBuilder.Tiny(withHead: true).Open(folder);
        Assert.False(GgufConfig.Derive(file)["tie_word_embeddings"]!.GetValue<bool>());
    }

    [Fact]
    public void Files_beside_the_model_are_copied()
    {
        using var folder = new ScratchFolder();
        GgufBuilder.Tiny(pre: "unknown-but-unused").Open(folder).Dispose();
        File.WriteAllText(folder["tokenizer.json"], "{\"mine\":1}");
        GgufConversion.Convert(folder["m.gguf"], folder["out"]);
        Assert.Equal("{\"mine\":1}", File.ReadAllText(Path.Combine(folder["out"], "tokenizer.json")));
    }

    [Fact]
    public void A_failed_conversion_leaves_nothing()
    {
        using var folder = new ScratchFolder();
        GgufBuilder.Tiny(pre: "exotic").Open(folder).Dispose();
        var error = Assert.Throws<CheckpointException>(() => GgufConversion.Convert(folder["m.gguf"], folder["out"]));
        Assert.EndsWith("tokenizer.ggml.pre: expected gpt-2, smollm, llama-bpe or qwen2, actual exotic", error.Message);
        GgufBuilder.Tiny().Open(folder).Dispose();
        Assert.Throws<OperationCanceledException>(() => GgufConversion.Convert(folder["m.gguf"], folder["out"], cancellation: new(canceled: true)));
        Assert.Equal(["m.gguf"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("gpt9", "general.architecture: expected llama, qwen2, qwen3, actual gpt9")]
    [InlineData("qwen2", "extra: expected a tensor of a qwen2 model")]
    public void What_is_not_supported_is_refused_by_name(string architecture, string message)
    {
        using var folder = new ScratchFolder();
        using var file = new GgufBuilder().Text("general.architecture", architecture).Whole("qwen2.attention.head_count", 1).Floats("extra", [1], 1).Open(folder);
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => new GgufWeights(file)).Message);
    }

    [Fact]
    public void Several_files_in_a_folder_are_ambiguous()
    {
        using var folder = new ScratchFolder();
        Assert.Null(WeightSource.FindGguf(folder.Path));
        File.WriteAllText(folder["a.gguf"], "");
        Assert.EndsWith("a.gguf", WeightSource.FindGguf(folder.Path));
        File.WriteAllText(folder["b.gguf"], "");
        Assert.Contains("expected one .gguf file, actual a.gguf, b.gguf", Assert.Throws<CheckpointException>(() => WeightSource.FindGguf(folder.Path)).Message);
    }

    [Fact]
    public void The_tokenizer_built_from_a_real_file_is_the_published_one_byte_for_byte()
    {
        var folder = SharedFolder.Require("data", "models", "smollm2-135m-instruct");
        using var file = GgufFile.Open(WeightSource.FindGguf(folder)!);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "tokenizer.json")), GgufTokenizer.TokenizerJson(file));
        using var config = JsonDocument.Parse(GgufTokenizer.ConfigJson(file));
        using var published = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")));
        foreach (var property in config.RootElement.EnumerateObject())
            Assert.True(JsonElement.DeepEquals(published.RootElement.GetProperty(property.Name), property.Value), property.Name);
    }
}
