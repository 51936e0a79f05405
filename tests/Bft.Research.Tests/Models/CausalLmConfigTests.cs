using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Models;

namespace Bft.Research.Tests.Models;

public class CausalLmConfigTests
{
    private const string Qwen2 = """
        { "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
          "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 99, "sliding_window": 4, "max_window_layers": 1, "use_sliding_window": false,
          "rope_theta": 1000000.0, "rope_scaling": { "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32 } }
        """;

    [Fact]
    public void The_older_form_is_read_with_its_defaults()
    {
        var config = CausalLmConfig.Parse(Qwen2);
        Assert.Equal((8, 1e-6, true, false, RotaryKind.Yarn, 4.0), (config.HeadDim, config.NormEpsilon, config.QueryKeyValueBias, config.OutputBias, config.Rotary.Kind, config.Rotary.Factor));
        Assert.Equal([null, null, null], config.LayerWindows);
        Assert.Equal(0.1 * Math.Log(4) + 1, config.Rotary.AttentionScaling);
    }

    [Fact]
    public void A_window_counts_only_when_it_is_in_use()
    {
        Assert.Equal([null, 4, 4], CausalLmConfig.Parse(With("use_sliding_window", true)).LayerWindows);
        Assert.NotEqual([null, 4, 4], CausalLmConfig.Parse(Qwen2).LayerWindows); // the wrong variant applies sliding_window because it is there
    }

    [Theory]
    [InlineData("hidden_size", null, "hidden_size")]
    [InlineData("num_hidden_layers", null, "num_hidden_layers")]
    [InlineData("num_key_value_heads", null, "num_key_value_heads")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("vocab_size", "-1", "vocab_size")]
    [InlineData("model_type", "\"zebra\"", "zebra")]
    [InlineData("model_type", "\"llama\"", "LlamaForCausalLM")]
    [InlineData("model_type", null, "model_type")]
    [InlineData("hidden_act", "\"wiggle\"", "wiggle")]
    [InlineData("hidden_size", "\"32\"", "hidden_size")]
    [InlineData("hidden_size", "30", "num_attention_heads 4")]
    [InlineData("head_dim", "7", "head_dim")]
    [InlineData("rope_scaling", """{ "rope_type": "spiral", "factor": 2 }""", "rope_scaling.rope_type")]
    [InlineData("rope_scaling", """{ "rope_type": "longrope", "factor": 2 }""", "longrope")]
    [InlineData("rope_scaling", """{ "rope_type": "linear" }""", "rope_scaling.factor")]
    [InlineData("rope_scaling", """{ "rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1, "original_max_position_embeddings": 64 }""", "low_freq_factor")]
    [InlineData("rope_scaling", "3", "rope_scaling")]
    [InlineData("layer_types", """["full_attention"]""", "layer_types")]
    [InlineData("layer_types", """["full_attention", "sliding_attention", "full_attention"]""", "use_sliding_window")]
    [InlineData("torch_dtype", "\"int8\"", "torch_dtype")]
    [InlineData("quantization_config", """{ "bits": 4 }""", "quantization_config")]
    [InlineData("use_mrope", "true", "use_mrope")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    [InlineData("eos_token_id", "\"two\"", "eos_token_id")]
    public void A_wrong_field_is_named_with_the_file(string field, string? value, string named)
    {
        var json = JsonNode.Parse(Qwen2)!.AsObject();
        json.Remove(field);
        if (value is not null)
            json[field] = JsonNode.Parse(value);
        var error = Assert.Throws<CheckpointException>(() => CausalLmConfig.Parse(json.ToJsonString(), "a/config.json"));
        Assert.StartsWith("a/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_listed_at_once()
    {
        var config = TinyDecoder.Config() with { Layers = 0, HeadDim = 3, NormEpsilon = 0, LayerWindows = [4], Rotary = new() { Theta = -1 } };
        Assert.Equal(6, config.Validate().Count);
        Assert.Throws<ArgumentException>(() => CausalLm.Create(config, 1));
    }

    [Theory]
    [InlineData(DecoderFamily.Llama)]
    [InlineData(DecoderFamily.Qwen2)]
    [InlineData(DecoderFamily.Qwen3)]
    public void What_is_written_is_read_again(DecoderFamily family)
    {
        var config = TinyDecoder.Config(family) with
        {
            LayerWindows = family == DecoderFamily.Llama ? [null, null] : [null, 5],
            Rotary = new() { Kind = RotaryKind.Llama3, Theta = 5e5, Factor = 8, OriginalMaxPositions = 64 },
            EosTokenIds = [2, 3],
            StoredDtype = torch.ScalarType.BFloat16,
        };
        var again = CausalLmConfig.Parse(config.ToJson(torch.ScalarType.BFloat16));
        Assert.Equal(config.LayerWindows, again.LayerWindows);
        Assert.Equal(config.EosTokenIds, again.EosTokenIds);
        Assert.Equal(config with { LayerWindows = again.LayerWindows, EosTokenIds = again.EosTokenIds }, again);
    }

    private static string With(string field, JsonNode value)
    {
        var json = JsonNode.Parse(Qwen2)!.AsObject();
        json[field] = value;
        return json.ToJsonString();
    }
}
