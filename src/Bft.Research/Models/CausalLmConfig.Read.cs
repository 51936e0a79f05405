using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

public sealed partial record CausalLmConfig
{
    /// <summary>Name of the configuration file in a model folder.</summary>
    public const string FileName = "config.json";

    private static readonly Dictionary<string, torch.ScalarType> s_dtypes = new()
    {
        ["float64"] = torch.ScalarType.Float64,
        ["float32"] = torch.ScalarType.Float32,
        ["bfloat16"] = torch.ScalarType.BFloat16,
        ["float16"] = torch.ScalarType.Float16,
    };

    /// <summary>Reads config.json of a folder in Hugging Face layout, in the form of Transformers 5 (<c>rope_parameters</c>, <c>dtype</c>) or the older one
    /// (<c>rope_theta</c>, <c>rope_scaling</c>, <c>torch_dtype</c>).</summary>
    /// <remarks>Stricter than Transformers: absent sizes are errors, never that library's defaults; <c>architectures</c> must name the causal language model.</remarks>
    /// <exception cref="CheckpointException">The file is absent, or a field is absent, unknown, unsupported or contradicts another.</exception>
    public static CausalLmConfig Read(string folder) => Parse(ConfigFields.Read(Path.Combine(folder, FileName)));

    /// <summary>Parses the text of a config.json.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">What errors call the text.</param>
    /// <exception cref="CheckpointException">As for <see cref="Read"/>.</exception>
    public static CausalLmConfig Parse(string json, string file = FileName) => Parse(ConfigFields.Parse(json, file));

    private static CausalLmConfig Parse(ConfigFields fields)
    {
        var family = ReadFamily(fields);
        Refuse(fields);
        var llama = family == DecoderFamily.Llama;
        int hidden = fields.Count("hidden_size"), layers = fields.Count("num_hidden_layers"), heads = fields.Count("num_attention_heads");
        var attentionBias = family == DecoderFamily.Qwen2 || fields.Flag("attention_bias", false);
        var config = new CausalLmConfig
        {
            Family = family,
            VocabularySize = fields.Count("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = fields.Count("intermediate_size"),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = llama ? fields.OptionalCount("num_key_value_heads") ?? heads : fields.Count("num_key_value_heads"),
            HeadDim = fields.OptionalCount("head_dim") ?? DefaultHeadDim(fields, family, hidden, heads),
            NormEpsilon = fields.Number("rms_norm_eps") ?? 1e-6,
            Activation = GateActivations.Read(fields, "hidden_act", GateActivation.Silu),
            Rotary = ReadRotary(fields),
            TiedHead = fields.Flag("tie_word_embeddings", false),
            QueryKeyValueBias = attentionBias,
            OutputBias = attentionBias && family != DecoderFamily.Qwen2,
            FeedForwardBias = llama && fields.Flag("mlp_bias", false),
            LayerWindows = ReadWindows(fields, family, layers),
            MaxPositions = fields.OptionalCount("max_position_embeddings") ?? (llama ? 2048 : 32768),
            InitialDeviation = fields.Number("initializer_range") ?? 0.02,
            BosTokenId = fields.Ids("bos_token_id") is [var bos, ..] ? bos : null,
            EosTokenIds = fields.Ids("eos_token_id"),
            PadTokenId = fields.Ids("pad_token_id") is [var pad, ..] ? pad : null,
            StoredDtype = ReadDtype(fields),
        };
        var problems = config.Validate();
        return problems.Count == 0 ? config : throw fields.Wrong("values", "a consistent configuration", string.Join("; ", problems));
    }

    private static DecoderFamily ReadFamily(ConfigFields fields)
    {
        var type = fields.Text("model_type") ?? throw fields.Wrong("model_type", "llama, qwen2 or qwen3", "nothing");
        DecoderFamily family = type switch
        {
            "llama" => DecoderFamily.Llama,
            "qwen2" => DecoderFamily.Qwen2,
            "qwen3" => DecoderFamily.Qwen3,
            _ => throw fields.Wrong("model_type", "llama, qwen2 or qwen3", type),
        };
        if (fields.Texts("architectures") is { Count: > 0 } architectures && !architectures.Contains($"{family}ForCausalLM"))
            throw fields.Wrong("architectures", $"{family}ForCausalLM (model_type {type})", string.Join(", ", architectures));
        return family;
    }

    private static void Refuse(ConfigFields fields)
    {
        if (fields.Find("quantization_config") is { } quantised)
            throw fields.Wrong("quantization_config", "plain weights, no quantisation", quantised.GetRawText());
        if (fields.Flag("use_mrope", false))
            throw fields.Wrong("use_mrope", "false: multimodal rotary embedding is not supported", "true");
        if (fields.Number("partial_rotary_factor") is { } share and not 1)
            throw fields.Wrong("partial_rotary_factor", "1: heads rotated in part are not supported", $"{share}");
    }

    private static int DefaultHeadDim(ConfigFields fields, DecoderFamily family, int hidden, int heads)
    {
        if (family == DecoderFamily.Qwen3)
            return 128;
        return hidden % heads == 0
            ? hidden / heads
            : throw fields.Wrong("head_dim", $"a value, for hidden_size {hidden} is not a multiple of num_attention_heads {heads}", "nothing");
    }

    internal static torch.ScalarType? ReadDtype(ConfigFields fields)
    {
        var field = fields.Find("dtype") is null ? "torch_dtype" : "dtype";
        if (fields.Text(field) is not { } name)
            return null;
        return s_dtypes.TryGetValue(name, out var dtype) ? dtype : throw fields.Wrong(field, string.Join(", ", s_dtypes.Keys), name);
    }

    private static RotaryConfig ReadRotary(ConfigFields fields)
    {
        var scaling = fields.Object("rope_parameters") ?? fields.Object("rope_scaling");
        var theta = scaling?.Number("rope_theta") ?? fields.Number("rope_theta") ?? 10000;
        if (scaling is null)
            return new() { Theta = theta };
        var name = scaling.Text("rope_type") ?? scaling.Text("type") ?? "default";
        RotaryKind kind = name switch
        {
            "default" => RotaryKind.Default,
            "linear" => RotaryKind.Linear,
            "llama3" => RotaryKind.Llama3,
            "yarn" => RotaryKind.Yarn,
            _ => throw scaling.Wrong("rope_type", "default, linear, llama3 or yarn", name),
        };
        double Required(string field) => scaling.Number(field) ?? throw scaling.Wrong(field, $"a number (rope type {name})", "nothing");
        var rotary = new RotaryConfig { Kind = kind, Theta = theta, Factor = kind == RotaryKind.Default ? 1 : Required("factor") };
        return kind switch
        {
            RotaryKind.Llama3 => rotary with
            {
                LowFrequencyFactor = Required("low_freq_factor"),
                HighFrequencyFactor = Required("high_freq_factor"),
                OriginalMaxPositions = scaling.Count("original_max_position_embeddings"),
            },
            RotaryKind.Yarn => rotary with
            {
                OriginalMaxPositions = scaling.OptionalCount("original_max_position_embeddings") ?? fields.Count("max_position_embeddings"),
                BetaFast = scaling.Number("beta_fast") ?? 32,
                BetaSlow = scaling.Number("beta_slow") ?? 1,
                AttentionFactor = scaling.Number("attention_factor"),
                Scale = scaling.Number("mscale"),
                ScaleAllDimensions = scaling.Number("mscale_all_dim"),
                Truncate = scaling.Flag("truncate", true),
            },
            _ => rotary,
        };
    }

    private static IReadOnlyList<int?> ReadWindows(ConfigFields fields, DecoderFamily family, int layers)
    {
        const string full = "full_attention", sliding = "sliding_attention";
        var used = family != DecoderFamily.Llama && fields.Flag("use_sliding_window", false);
        var types = fields.Texts("layer_types");
        if (types is not null && types.Count != layers)
            throw fields.Wrong("layer_types", $"{layers} entries (num_hidden_layers)", $"{types.Count}");
        if (types?.FirstOrDefault(type => type != full && (type != sliding || !used)) is { } odd)
            throw fields.Wrong("layer_types", used ? $"{full} or {sliding}" : $"{full}, for use_sliding_window is not true", odd);
        if (!used)
            return new int?[layers];
        var window = fields.Count("sliding_window");
        var first = (int)(fields.Number("max_window_layers") ?? 28);
        return [.. Enumerable.Range(0, layers).Select(layer => (types is null ? layer >= first : types[layer] == sliding) ? window : (int?)null)];
    }
}
