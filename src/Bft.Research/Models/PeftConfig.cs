using System.Text.Json;
using System.Text.RegularExpressions;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary><c>adapter_config.json</c> of a LoRA adapter, as far as it changes the computation; anything else that does is refused by name.</summary>
internal sealed record PeftConfig
{
    public const string FileName = "adapter_config.json";
    private const string AllLinear = "all-linear";
    private static readonly TimeSpan s_matchLimit = TimeSpan.FromSeconds(1);

    public required string File { get; init; }
    public required int Rank { get; init; }
    public required double Alpha { get; init; }
    public double Dropout { get; init; }
    public bool RankStabilized { get; init; }
    public bool Dora { get; init; }

    /// <summary>Names of layers; null when <see cref="TargetPattern"/> or all linear layers are meant.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Regular expression over whole names, or null.</summary>
    public string? TargetPattern { get; init; }

    /// <summary>Numbers of the blocks that are adapted, or null for all.</summary>
    public IReadOnlyList<long>? Layers { get; init; }

    public IReadOnlyList<(string Pattern, double Value)> RankPatterns { get; init; } = [];
    public IReadOnlyList<(string Pattern, double Value)> AlphaPatterns { get; init; } = [];

    public int RankOf(string name) => (int)First(RankPatterns, name, Rank);

    public double AlphaOf(string name) => First(AlphaPatterns, name, Alpha);

    public double ScalingOf(string name) => AlphaOf(name) / (RankStabilized ? Math.Sqrt(RankOf(name)) : RankOf(name));

    /// <summary>Whether a linear layer of the model is to be adapted.</summary>
    public bool Covers(string name)
    {
        if (TargetPattern is not null)
            return Matches($"^(?:{TargetPattern})$", name);
        if (Targets is not null && !Targets.Any(t => EndsWith(name, t)))
            return false;
        return Layers is null || (Regex.Match(name, @"\.layers\.(\d+)\.", RegexOptions.None, s_matchLimit) is { Success: true } match
            && Layers.Contains(long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Whether a name is the target or ends with it after a dot.</summary>
    public static bool EndsWith(string name, string target) => name == target || name.EndsWith($".{target}", StringComparison.Ordinal);

    /// <exception cref="CheckpointException">The file is absent or asks for something that is not offered.</exception>
    public static PeftConfig Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        var fields = ConfigFields.Read(file);
        if (fields.Text("peft_type") is var type && type != "LORA")
            throw fields.Wrong("peft_type", "LORA", type ?? "nothing");
        if (fields.Text("bias") is { } bias && bias != "none")
            throw fields.Wrong("bias", "none (trained biases are not supported)", bias);
        foreach (var flag in new[] { "lora_bias", "fan_in_fan_out", "use_qalora", "use_bdlora" })
            if (fields.Flag(flag, false))
                throw fields.Wrong(flag, "false (not supported)", "true");
        if (fields.Flag("use_dora", false) && fields.Number("lora_dropout") is > 0)
            throw fields.Wrong("lora_dropout", "0 beside use_dora (not supported)", fields.Find("lora_dropout")!.Value.GetRawText());
        foreach (var name in new[] { "modules_to_save", "trainable_token_indices", "target_parameters", "layer_replication", "exclude_modules" })
            if (fields.Find(name) is { } value && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
                throw fields.Wrong(name, "null (not supported)", value.GetRawText());
        if (fields.Find("target_modules") is not { } target)
            throw fields.Wrong("target_modules", "names of layers or a regular expression", "nothing");
        var pattern = target.ValueKind == JsonValueKind.String ? fields.Text("target_modules") : null;
        return new()
        {
            File = file,
            Rank = fields.Count("r"),
            Alpha = fields.Number("lora_alpha") ?? throw fields.Wrong("lora_alpha", "a finite number", "nothing"),
            Dropout = fields.Number("lora_dropout") is { } p and not (>= 0 and < 1) ? throw fields.Wrong("lora_dropout", "0 ≤ p < 1", $"{p}") : fields.Number("lora_dropout") ?? 0,
            RankStabilized = fields.Flag("use_rslora", false),
            Dora = fields.Flag("use_dora", false),
            Targets = pattern is null ? fields.Texts("target_modules") : null,
            TargetPattern = pattern is AllLinear ? null : pattern,
            Layers = fields.Find("layers_to_transform") is null ? null : fields.Ids("layers_to_transform"),
            RankPatterns = Patterns(fields, "rank_pattern"),
            AlphaPatterns = Patterns(fields, "alpha_pattern"),
        };
    }

    private static List<(string, double)> Patterns(ConfigFields fields, string name)
    {
        if (fields.Find(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.Number || !(p.Value.GetDouble() > 0)))
            throw fields.Wrong(name, "an object of numbers above 0", value.GetRawText());
        return [.. value.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble()))];
    }

    private double First(IReadOnlyList<(string Pattern, double Value)> patterns, string name, double otherwise)
    {
        foreach (var (pattern, value) in patterns)
            if (Matches($@"^(?:.*\.)?(?:{pattern})$", name))
                return value;
        return otherwise;
    }

    private bool Matches(string pattern, string name)
    {
        try
        {
            return Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant, s_matchLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw new CheckpointException(File, "pattern", "a regular expression", pattern, e);
        }
    }
}
