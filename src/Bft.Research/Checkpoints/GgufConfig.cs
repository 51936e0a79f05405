using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>The <c>config.json</c> of a GGUF file, from its metadata, for the architectures llama, qwen2 and qwen3.</summary>
/// <remarks>Numbers stored as float32 become the shortest decimal they stand for (1e-05). The head is tied when the file has no <c>output.weight</c>.</remarks>
public static class GgufConfig
{
    private static readonly Dictionary<string, string> s_classes = new(StringComparer.Ordinal)
    {
        ["llama"] = "LlamaForCausalLM",
        ["qwen2"] = "Qwen2ForCausalLM",
        ["qwen3"] = "Qwen3ForCausalLM",
    };

    /// <summary>The architecture, when it is a supported one.</summary>
    /// <exception cref="CheckpointException">It is not.</exception>
    public static string Architecture(GgufFile file)
    {
        var name = file.Metadata.Text("general.architecture");
        return s_classes.ContainsKey(name) ? name : throw new CheckpointException(file.Path, "general.architecture", string.Join(", ", s_classes.Keys), name);
    }

    /// <summary>Derives the configuration in the older, widely read form (<c>rope_theta</c> on top, <c>torch_dtype</c>).</summary>
    /// <param name="file">The file.</param>
    /// <param name="dtype">Value of <c>torch_dtype</c>, for example <c>float32</c>.</param>
    /// <exception cref="CheckpointException">A key is absent or the model needs something that the configuration cannot express.</exception>
    public static JsonObject Derive(GgufFile file, string dtype = "float32")
    {
        var (architecture, metadata) = (Architecture(file), file.Metadata);
        long Integer(string key) => metadata.Integer($"{architecture}.{key}");
        if (file.Find(GgufNames.RotaryFactors) is not null)
            throw new CheckpointException(file.Path, GgufNames.RotaryFactors, "no frequency factors (config.json must say how they were made)", "a tensor of them");
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(s_classes[architecture]),
            ["attention_dropout"] = JsonFloat.Of(0),
            ["head_dim"] = HeadWidth(file),
            ["hidden_act"] = "silu",
            ["hidden_size"] = Integer("embedding_length"),
            ["intermediate_size"] = Integer("feed_forward_length"),
            ["max_position_embeddings"] = Integer("context_length"),
            ["model_type"] = architecture,
            ["num_attention_heads"] = Integer("attention.head_count"),
            ["num_hidden_layers"] = Integer("block_count"),
            ["num_key_value_heads"] = KeyValueHeads(file),
            ["rms_norm_eps"] = JsonFloat.Of(metadata.Decimal($"{architecture}.attention.layer_norm_rms_epsilon")),
            ["rope_scaling"] = RotaryScaling(file, architecture),
            ["rope_theta"] = JsonFloat.Of(metadata.Has($"{architecture}.rope.freq_base") ? metadata.Decimal($"{architecture}.rope.freq_base") : 10000),
            ["tie_word_embeddings"] = file.Find("output.weight") is null,
            ["torch_dtype"] = dtype,
            ["use_cache"] = true,
            ["vocab_size"] = Vocabulary(file),
        };
        AddBiases(config, file, architecture);
        foreach (var (token, key) in (ReadOnlySpan<(string, string)>)[("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id")])
            if (metadata.Has($"tokenizer.ggml.{token}_token_id"))
                config[key] = metadata.Integer($"tokenizer.ggml.{token}_token_id");
        return new(config.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
    }

    /// <summary>Number of key-value heads; absent means as many as heads.</summary>
    internal static long KeyValueHeads(GgufFile file)
    {
        var prefix = $"{Architecture(file)}.attention.head_count";
        return file.Metadata.Integer(file.Metadata.Has($"{prefix}_kv") ? $"{prefix}_kv" : prefix);
    }

    private static long HeadWidth(GgufFile file)
    {
        var architecture = Architecture(file);
        foreach (var key in (string[])["attention.key_length", "rope.dimension_count"])
            if (file.Metadata.Has($"{architecture}.{key}"))
                return file.Metadata.Integer($"{architecture}.{key}");
        return file.Metadata.Integer($"{architecture}.embedding_length") / file.Metadata.Integer($"{architecture}.attention.head_count");
    }

    private static long Vocabulary(GgufFile file) =>
        (file.Find("token_embd.weight") ?? throw new CheckpointException(file.Path, "token_embd.weight", "a tensor of this name", "none")).Shape[0];

    private static void AddBiases(JsonObject config, GgufFile file, string architecture)
    {
        bool Has(string part) => file.Find($"blk.0.{part}.bias") is not null;
        if (architecture != "qwen2")
            config["attention_bias"] = Has("attn_q");
        if (architecture == "llama")
            config["mlp_bias"] = Has("ffn_gate");
        else
            config["use_sliding_window"] = false;
    }

    private static JsonObject? RotaryScaling(GgufFile file, string architecture)
    {
        var (metadata, prefix) = (file.Metadata, $"{architecture}.rope.scaling");
        var kind = metadata.Has($"{prefix}.type") ? metadata.Text($"{prefix}.type") : "none";
        if (kind == "none")
            return null;
        if (kind is not ("linear" or "yarn"))
            throw new CheckpointException(file.Path, $"{prefix}.type", "none, linear or yarn", kind);
        var scaling = new JsonObject { ["rope_type"] = kind, ["factor"] = JsonFloat.Of(metadata.Decimal($"{prefix}.factor")) };
        if (kind == "yarn")
            scaling["original_max_position_embeddings"] = metadata.Integer($"{prefix}.original_context_length");
        return scaling;
    }
}
