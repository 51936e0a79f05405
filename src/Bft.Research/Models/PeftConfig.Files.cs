using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

internal sealed partial record PeftConfig
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Fields that change what an adapter computes and are not offered.</summary>
    private static readonly string[] s_refused =
    [
        "lora_bias", "fan_in_fan_out", "use_qalora", "use_bdlora", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config", "megatron_config",
        "trainable_token_indices", "target_parameters", "layer_replication",
    ];

    /// <summary>Fields that are read, or that say how an adapter was made and nothing about what it computes.</summary>
    private static readonly string[] s_known =
    [
        .. s_refused, "peft_type", "r", "lora_alpha", "lora_dropout", "bias", "use_rslora", "use_dora", "target_modules", "exclude_modules", "layers_to_transform",
        "layers_pattern", "rank_pattern", "alpha_pattern", "modules_to_save", "ensure_weight_tying", "init_lora_weights", "auto_mapping", "base_model_name_or_path",
        "corda_config", "eva_config", "inference_mode", "loftq_config", "lora_ga_config", "megatron_core", "peft_version", "qalora_group_size", "revision", "task_type",
        "velora_config",
    ];

    /// <summary>Ways of starting an adapter that leave the base model as it is; the others change its weights, and the adapter fits only the changed ones.</summary>
    private static readonly string[] s_starts = ["gaussian", "eva", "orthogonal", "mica"];

    /// <exception cref="CheckpointException">The file is absent or asks for something that is not offered.</exception>
    public static PeftConfig Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        var fields = ConfigFields.Read(file);
        Refuse(fields);
        var targets = Modules(fields, "target_modules") ?? throw fields.Wrong("target_modules", "names of layers or a regular expression", "nothing");
        var layers = fields.Ids("layers_to_transform");
        if (layers.Count > 0 && targets.Pattern is not null)
            throw fields.Wrong("layers_to_transform", "null beside a regular expression in target_modules", fields.Find("layers_to_transform")!.Value.GetRawText());
        var source = JsonNode.Parse(System.IO.File.ReadAllText(file))!.AsObject();
        return new()
        {
            File = file,
            Rank = fields.Count("r"),
            Alpha = fields.Number("lora_alpha") ?? throw fields.Wrong("lora_alpha", "a finite number", "nothing"),
            Dropout = fields.Number("lora_dropout") is { } p and not (>= 0 and < 1) ? throw fields.Wrong("lora_dropout", "0 ≤ p < 1", $"{p}") : fields.Number("lora_dropout") ?? 0,
            RankStabilized = fields.Flag("use_rslora", false),
            Dora = fields.Flag("use_dora", false),
            Targets = targets.Pattern == AllLinear ? null : targets,
            Excluded = Modules(fields, "exclude_modules"),
            Layers = layers,
            LayerLists = Modules(fields, "layers_pattern") is { } lists ? lists.Pattern is { } one ? [one] : lists.Names : [],
            Saved = fields.Texts("modules_to_save") ?? [],
            RankPatterns = [.. Patterns(fields, "rank_pattern").Select(pair => double.IsInteger(pair.Item2)
                ? pair
                : throw fields.Wrong($"rank_pattern.{pair.Item1}", "a whole number", $"{pair.Item2}"))],
            AlphaPatterns = Patterns(fields, "alpha_pattern"),
            KeepsTie = fields.Flag("ensure_weight_tying", false),
            Unknown = [.. source.Where(field => !s_known.Contains(field.Key) && Says(fields.Find(field.Key))).Select(field => field.Key)],
            Source = source,
        };
    }

    /// <summary>The text of <c>adapter_config.json</c>: the file that was read with another base model, or one that PEFT understands.</summary>
    /// <param name="baseModel">Name or path of the base model; null leaves what was read, or nothing.</param>
    /// <param name="targets">Names of the layers for an adapter that was made from options.</param>
    public string ToJson(string? baseModel, IEnumerable<string> targets)
    {
        var json = Source?.DeepClone().AsObject() ?? Fresh(targets);
        if (baseModel is not null || Source is null)
            json["base_model_name_or_path"] = baseModel;
        return json.ToJsonString(s_indented) + "\n";
    }

    /// <summary>The fields that PEFT 0.10 writes and every version since knows; older readers refuse names that are newer than they are.</summary>
    private JsonObject Fresh(IEnumerable<string> targets) => new()
    {
        ["alpha_pattern"] = Numbers(AlphaPatterns),
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = null,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["layer_replication"] = null,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["loftq_config"] = new JsonObject(),
        ["lora_alpha"] = Alpha,
        ["lora_dropout"] = JsonFloat.Of(Dropout),
        ["megatron_config"] = null,
        ["megatron_core"] = "megatron.core",
        ["modules_to_save"] = Saved.Count == 0 ? null : Texts(Saved),
        ["peft_type"] = "LORA",
        ["r"] = Rank,
        ["rank_pattern"] = Numbers(RankPatterns),
        ["revision"] = null,
        ["target_modules"] = Texts(targets),
        ["task_type"] = "CAUSAL_LM",
        ["use_dora"] = Dora,
        ["use_rslora"] = RankStabilized,
    };

    private static void Refuse(ConfigFields fields)
    {
        if (fields.Text("peft_type") is var type && type != "LORA")
            throw fields.Wrong("peft_type", "LORA", type ?? "nothing");
        if (fields.Text("bias") is { } bias && bias != "none")
            throw fields.Wrong("bias", "none (trained biases are not supported)", bias);
        if (s_refused.FirstOrDefault(name => Says(fields.Find(name))) is { } refused)
            throw fields.Wrong(refused, "nothing (not supported)", fields.Find(refused)!.Value.GetRawText());
        if (fields.Find("init_lora_weights") is { ValueKind: JsonValueKind.String } start && !s_starts.Contains(start.GetString()))
            throw fields.Wrong(
                "init_lora_weights", $"true, false or {string.Join(", ", s_starts)} (others change the base model: let PEFT convert the adapter to plain LoRA first)", start.GetRawText());
    }

    /// <summary>Whether a field has a value that is not null, false or empty.</summary>
    private static bool Says(JsonElement? field) => field switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength() > 0,
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Any(),
        _ => true,
    };

    private static ModuleNames? Modules(ConfigFields fields, string name) => fields.Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } pattern => new([], pattern.GetString()),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 0 => null,
        _ => new(fields.Texts(name)!, null),
    };

    private static List<(string, double)> Patterns(ConfigFields fields, string name)
    {
        if (fields.Find(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.Number || !(p.Value.GetDouble() > 0)))
            throw fields.Wrong(name, "an object of numbers above 0", value.GetRawText());
        return [.. value.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble()))];
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonObject Numbers(IEnumerable<(string Pattern, double Value)> patterns) => new(patterns.Select(p => KeyValuePair.Create(p.Pattern, (JsonNode?)p.Value)));
}
