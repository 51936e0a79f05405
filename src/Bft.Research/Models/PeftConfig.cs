using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>What a LoRA adapter changes and how much, as <c>adapter_config.json</c> says it; made from such a file or from <see cref="LoraOptions"/>.</summary>
/// <remarks>Source: <c>LoraConfig</c> and <c>check_target_module_exists</c> of PEFT. Differs: a name that fits nothing is an error there only if all are.</remarks>
internal sealed partial record PeftConfig
{
    public const string FileName = "adapter_config.json";
    private const string AllLinear = "all-linear";
    private static readonly TimeSpan s_matchLimit = TimeSpan.FromSeconds(1);

    /// <summary>Path of the file, or null for an adapter made from options.</summary>
    public string? File { get; init; }

    public required int Rank { get; init; }
    public required double Alpha { get; init; }
    public double Dropout { get; init; }
    public bool RankStabilized { get; init; }
    public bool Dora { get; init; }

    /// <summary>Which modules are meant; null for all linear layers of blocks.</summary>
    public ModuleNames? Targets { get; init; }

    /// <summary>Which modules are not meant, whatever <see cref="Targets"/> says; null for none.</summary>
    public ModuleNames? Excluded { get; init; }

    /// <summary>Numbers of the blocks that are adapted, or empty for all.</summary>
    public IReadOnlyList<long> Layers { get; init; } = [];

    /// <summary>Names of the list of blocks; empty for any.</summary>
    public IReadOnlyList<string> LayerLists { get; init; } = [];

    /// <summary>Modules that are replaced whole.</summary>
    public IReadOnlyList<string> Saved { get; init; } = [];

    public IReadOnlyList<(string Pattern, double Value)> RankPatterns { get; init; } = [];
    public IReadOnlyList<(string Pattern, double Value)> AlphaPatterns { get; init; } = [];

    /// <summary>Whether a tied head is to stay tied to a changed embedding; refused where it would matter.</summary>
    public bool KeepsTie { get; init; }

    /// <summary>Fields of the file that are not known here and say something.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>The file's object, or null for an adapter made from options.</summary>
    public JsonObject? Source { get; init; }

    public int RankOf(string name) => (int)First(RankPatterns, name, Rank);

    public double AlphaOf(string name) => First(AlphaPatterns, name, Alpha);

    public double ScalingOf(string name) => AlphaOf(name) / (RankStabilized ? Math.Sqrt(RankOf(name)) : RankOf(name));

    public static PeftConfig From(LoraOptions options) => new()
    {
        Rank = options.Rank,
        Alpha = options.Alpha,
        Dropout = options.Dropout,
        RankStabilized = options.RankStabilized,
        Dora = options.Dora,
        Targets = options.Targets.Count == 0 ? null : new([.. options.Targets], null),
        Saved = options.ModulesToSave,
        RankPatterns = [.. options.RankPattern.Select(p => (p.Key, (double)p.Value))],
        AlphaPatterns = [.. options.AlphaPattern.Select(p => (p.Key, p.Value))],
    };

    /// <summary>The matrices of a model that get a low-rank update, in its order.</summary>
    /// <exception cref="CheckpointException">A name fits nothing, or something that cannot be adapted; an <see cref="ArgumentException"/> for options.</exception>
    public List<AdaptableWeight> Covered(CausalLm model)
    {
        var places = model.AdaptableWeights.ToList();
        var unknown = Targets?.Names.FirstOrDefault(t => !places.Any(p => EndsWith(p.Name, t)));
        if (unknown is not null)
            throw Wrong("target_modules", $"names of linear layers, {ParameterNames.HeadModule} or {ParameterNames.EmbeddingModule} of the model", unknown);
        var misfit = OtherModules(model, places).FirstOrDefault(Covers);
        if (misfit is not null)
            throw Wrong("target_modules", "nothing but linear layers and the embedding", $"{misfit}, too");
        var covered = places.Where(p => Covers(p.Name)).ToList();
        RequireTie(model, covered);
        return covered.Count > 0 ? covered : throw Wrong("target_modules", "a linear layer or the embedding of the model", "none");
    }

    /// <summary>Number of values that training an adapter of this shape on a model of this configuration changes.</summary>
    public long TrainedValues(CausalLmConfig config)
    {
        (string Name, long Rows, long Columns)[] ends = [(ParameterNames.EmbeddingModule, config.HiddenSize, config.VocabularySize), (ParameterNames.HeadModule, config.VocabularySize, config.HiddenSize)];
        var places = Enumerable.Range(0, config.Layers).SelectMany(layer => config.ProjectionShapes().Select(p => (Name: ParameterNames.Block(layer) + p.Name, p.Rows, p.Columns))).Concat(ends);
        var updates = places.Where(p => Covers(p.Name)).Sum(p => RankOf(p.Name) * (p.Rows + p.Columns) + (Dora ? p.Rows : 0));
        return updates + ends.Count(p => Saved.Any(s => EndsWith(p.Name, s))) * (long)config.VocabularySize * config.HiddenSize;
    }

    /// <summary>The matrices of a model that are replaced whole.</summary>
    /// <exception cref="CheckpointException">Something else is to be replaced; an <see cref="ArgumentException"/> for options.</exception>
    public List<AdaptableWeight> Replaced(CausalLm model)
    {
        List<AdaptableWeight> replaceable = [model.Embedding, model.Head];
        var other = Saved.FirstOrDefault(s => !replaceable.Any(p => EndsWith(p.Name, s)));
        if (other is not null)
            throw Wrong("modules_to_save", string.Join(" or ", replaceable.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..])), other);
        var replaced = replaceable.Where(p => Saved.Any(s => EndsWith(p.Name, s))).ToList();
        RequireTie(model, replaced);
        return replaced;
    }

    /// <summary>The error for a field of the file, or for the option of the same meaning.</summary>
    public Exception Wrong(string field, string expected, string actual) => File is not null
        ? new CheckpointException(File, field, expected, actual)
        : new ArgumentException($"LoRA: {field}: expected {expected}, actual {actual}.", "options");

    /// <summary>Whether a name is the target or ends with it after a dot.</summary>
    public static bool EndsWith(string name, string target) => name == target || name.EndsWith($".{target}", StringComparison.Ordinal);

    private bool Covers(string name)
    {
        if ((Excluded is not null && Fits(Excluded, name)) || Saved.Any(s => Matches($@"^(?:.*\.)?(?:{s})(?:$|\..*)", name)))
            return false;
        if (Targets is null)
            return name.StartsWith(ParameterNames.Blocks, StringComparison.Ordinal) && name.EndsWith("_proj", StringComparison.Ordinal) && InLayers(name);
        return Fits(Targets, name) && (Targets.Pattern is not null || Targets.Names.Contains(name) || InLayers(name));
    }

    private bool Fits(ModuleNames modules, string name) =>
        modules.Pattern is { } pattern ? Matches($"^(?:{pattern})$", name) : modules.Names.Any(n => EndsWith(name, n));

    private bool InLayers(string name)
    {
        if (Layers.Count == 0)
            return true;
        string[] lists = LayerLists.Count == 0 ? [@"[^.]*"] : [.. LayerLists];
        var match = lists.Select(list => Match($@"^.*?\.(?:{list})\.(\d+)\.", name)).FirstOrDefault(m => m.Success);
        return match is not null && Layers.Contains(long.Parse(match.Groups[^1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    private void RequireTie(CausalLm model, List<AdaptableWeight> changed)
    {
        if (KeepsTie && model.Config.TiedHead && changed.FirstOrDefault(c => c == model.Embedding || c == model.Head) is { } side)
            throw Wrong("ensure_weight_tying", $"false where {side.Name} of a tied model changes (not supported)", "true");
    }

    private double First(IReadOnlyList<(string Pattern, double Value)> patterns, string name, double otherwise)
    {
        foreach (var (pattern, value) in patterns)
            if (Matches($@"^(?:.*\.)?(?:{pattern})$", name))
                return value;
        return otherwise;
    }

    private bool Matches(string pattern, string name) => Match(pattern, name).Success;

    /// <summary>Matches a Python expression: named groups are written otherwise there.</summary>
    private Match Match(string pattern, string name)
    {
        try
        {
            return Regex.Match(name, pattern.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant, s_matchLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw Wrong("pattern", "a regular expression", pattern);
        }
    }

    /// <summary>Modules that hold no matrix which can be adapted: norms and what contains others.</summary>
    private static IEnumerable<string> OtherModules(CausalLm model, List<AdaptableWeight> places) =>
        model.Parameters.SelectMany(p => Owners(p.Name)).Distinct().Except(places.Select(p => p.Name));

    private static IEnumerable<string> Owners(string parameter)
    {
        for (var dot = parameter.LastIndexOf('.'); dot > 0; dot = parameter.LastIndexOf('.', dot - 1))
            yield return parameter[..dot];
    }

    /// <summary>Modules by their names or ends of names, or by a regular expression over whole names.</summary>
    internal sealed record ModuleNames(IReadOnlyList<string> Names, string? Pattern);
}
