namespace Bft.Research.Models;

/// <summary>Names of the parameters of a decoder, as Hugging Face folders write them.</summary>
internal static class ParameterNames
{
    public const string Prefix = "model.";
    public const string EmbeddingModule = "model.embed_tokens";
    public const string Embedding = $"{EmbeddingModule}.weight";
    public const string Blocks = "model.layers.";
    public const string FinalNorm = "model.norm.weight";
    public const string HeadModule = "lm_head";
    public const string Head = $"{HeadModule}.weight";
    public const string InputNorm = "input_layernorm.weight";
    public const string FeedForwardNorm = "post_attention_layernorm.weight";
    public const string QueryNorm = "self_attn.q_norm.weight";
    public const string KeyNorm = "self_attn.k_norm.weight";
    public const string Query = "self_attn.q_proj";
    public const string Key = "self_attn.k_proj";
    public const string Value = "self_attn.v_proj";
    public const string Output = "self_attn.o_proj";
    public const string Gate = "mlp.gate_proj";
    public const string Up = "mlp.up_proj";
    public const string Down = "mlp.down_proj";

    /// <summary>Buffers that old checkpoints carry and that are computed from the configuration.</summary>
    public const string OldFrequencies = "rotary_emb.inv_freq";

    public static string Block(int layer) => $"{Blocks}{layer}.";

    /// <summary>Parameters in the order in which Transformers registers them, by which shards are filled: in each block attention, its norms, feed-forward, then the norms before the two.</summary>
    /// <param name="parameters">Parameters, those of a block together.</param>
    /// <param name="name">Gives the name of one.</param>
    public static IEnumerable<T> AsRegistered<T>(IEnumerable<T> parameters, Func<T, string> name)
    {
        static string Owner(string full) => full.StartsWith(Blocks, StringComparison.Ordinal) ? full[..full.IndexOf('.', Blocks.Length)] : full;
        static int Place(string full) =>
            full.EndsWith(FeedForwardNorm, StringComparison.Ordinal) ? 4
            : full.EndsWith(InputNorm, StringComparison.Ordinal) ? 3
            : full.Contains(".mlp.", StringComparison.Ordinal) ? 2
            : full.EndsWith(QueryNorm, StringComparison.Ordinal) || full.EndsWith(KeyNorm, StringComparison.Ordinal) ? 1
            : 0;
        return parameters.GroupBy(one => Owner(name(one))).SelectMany(block => block.OrderBy(one => Place(name(one))));
    }
}
