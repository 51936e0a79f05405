using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

public sealed partial record CausalLmConfig
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>config.json in the older form, fields sorted by name and numbers as Python writes them, which every version of Transformers and <see cref="Parse(string, string)"/> read.</summary>
    /// <param name="stored">Dtype of the weights in the same folder.</param>
    public string ToJson(torch.ScalarType stored)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray($"{Family}ForCausalLM"),
            ["attention_dropout"] = JsonFloat.Of(0),
            ["bos_token_id"] = BosTokenId,
            ["eos_token_id"] = EosTokenIds.Count switch { 0 => null, 1 => EosTokenIds[0], _ => new JsonArray([.. EosTokenIds.Select(id => (JsonNode)id)]) },
            ["head_dim"] = HeadDim,
            ["hidden_act"] = GateActivations.NameOf(Activation),
            ["hidden_size"] = HiddenSize,
            ["initializer_range"] = JsonFloat.Of(InitialDeviation),
            ["intermediate_size"] = IntermediateSize,
            ["max_position_embeddings"] = MaxPositions,
            ["model_type"] = Family.ToString().ToLowerInvariant(),
            ["num_attention_heads"] = Heads,
            ["num_hidden_layers"] = Layers,
            ["num_key_value_heads"] = KeyValueHeads,
            ["pad_token_id"] = PadTokenId,
            ["rms_norm_eps"] = JsonFloat.Of(NormEpsilon),
            ["rope_scaling"] = RotaryJson(),
            ["rope_theta"] = JsonFloat.Of(Rotary.Theta),
            ["tie_word_embeddings"] = TiedHead,
            ["torch_dtype"] = s_dtypes.First(pair => pair.Value == stored).Key,
            ["use_cache"] = true,
            ["vocab_size"] = VocabularySize,
        };
        if (Family != DecoderFamily.Qwen2)
            json["attention_bias"] = QueryKeyValueBias;
        if (Family == DecoderFamily.Llama)
            json["mlp_bias"] = FeedForwardBias;
        else
            WriteWindows(json);
        return Sorted(json);
    }

    /// <summary>Fields by name, as Transformers writes them.</summary>
    private static string Sorted(JsonObject json) =>
        new JsonObject(json.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))).ToJsonString(s_indented) + "\n";

    private void WriteWindows(JsonObject json)
    {
        int?[] windows = [.. Enumerable.Range(0, Layers).Select(Window)];
        var used = windows.Any(window => window is not null);
        json["use_sliding_window"] = used;
        json["sliding_window"] = windows.Max();
        json["max_window_layers"] = used ? Array.FindIndex(windows, window => window is not null) : Layers;
        json["layer_types"] = new JsonArray([.. windows.Select(window => (JsonNode)(window is null ? "full_attention" : "sliding_attention"))]);
    }

    private JsonObject? RotaryJson()
    {
        if (Rotary.Kind == RotaryKind.Default)
            return null;
        var json = new JsonObject { ["rope_type"] = Rotary.Kind.ToString().ToLowerInvariant(), ["factor"] = JsonFloat.Of(Rotary.Factor) };
        if (Rotary.Kind == RotaryKind.Linear)
            return json;
        json["original_max_position_embeddings"] = Rotary.OriginalMaxPositions;
        if (Rotary.Kind == RotaryKind.Llama3)
        {
            json["low_freq_factor"] = JsonFloat.Of(Rotary.LowFrequencyFactor);
            json["high_freq_factor"] = JsonFloat.Of(Rotary.HighFrequencyFactor);
            return json;
        }

        json["beta_fast"] = JsonFloat.Of(Rotary.BetaFast);
        json["beta_slow"] = JsonFloat.Of(Rotary.BetaSlow);
        json["truncate"] = Rotary.Truncate;
        if (Rotary.AttentionFactor is { } factor)
            json["attention_factor"] = JsonFloat.Of(factor);
        if (Rotary.Scale is { } scale)
            json["mscale"] = JsonFloat.Of(scale);
        if (Rotary.ScaleAllDimensions is { } all)
            json["mscale_all_dim"] = JsonFloat.Of(all);
        return json;
    }
}
