using System.Text.RegularExpressions;

namespace Bft.Research.Checkpoints;

/// <summary>Hugging Face names of the tensors of a GGUF file, for the architectures llama, qwen2 and qwen3.</summary>
internal static partial class GgufNames
{
    /// <summary>Rotary frequency factors; the configuration stands for them (see <see cref="GgufConfig"/>).</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private static readonly Dictionary<string, string> s_top = new(StringComparer.Ordinal)
    {
        ["token_embd.weight"] = "model.embed_tokens.weight",
        ["output_norm.weight"] = "model.norm.weight",
        ["output.weight"] = "lm_head.weight",
    };

    private static readonly Dictionary<string, string> s_block = new(StringComparer.Ordinal)
    {
        ["attn_norm"] = "input_layernorm",
        ["ffn_norm"] = "post_attention_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>The Hugging Face name, or null when the tensor belongs to no supported layer.</summary>
    public static string? ToHuggingFace(string name)
    {
        if (s_top.TryGetValue(name, out var top))
            return top;
        var match = BlockName().Match(name);
        return match.Success && s_block.TryGetValue(match.Groups["part"].Value, out var part)
            ? $"model.layers.{match.Groups["layer"].Value}.{part}.{match.Groups["kind"].Value}"
            : null;
    }

    /// <summary>Whether the rows of this tensor are heads in llama's interleaved order.</summary>
    public static bool IsQueryOrKey(string name) => BlockName().Match(name) is { Success: true } match && match.Groups["part"].Value is "attn_q" or "attn_k";

    [GeneratedRegex(@"^blk\.(?<layer>0|[1-9][0-9]{0,5})\.(?<part>[a-z_]+)\.(?<kind>weight|bias)$", RegexOptions.CultureInvariant)]
    private static partial Regex BlockName();
}
