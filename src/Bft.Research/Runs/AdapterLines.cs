using Bft.Research.Checkpoints;
using Bft.Research.Models;

namespace Bft.Research.Runs;

/// <summary>What a PEFT folder holds.</summary>
internal static class AdapterLines
{
    public static IReadOnlyList<(string Name, string Text)> Of(string folder)
    {
        var config = PeftConfig.Read(folder);
        using var file = SafetensorsFile.Open(Path.Combine(folder, LoraFolder.WeightsName));
        var values = file.Entries.Values.Sum(entry => entry.Shape.Aggregate(1L, (product, dimension) => product * dimension));
        return
        [
            ("adapter", $"{(config.Dora ? "DoRA" : "LoRA")}{(config.RankStabilized ? ", rank-stabilised" : "")}: rank {config.Rank}, α {config.Alpha:g}{Patterns("ranks", config.RankPatterns)}{Patterns("α", config.AlphaPatterns)}, dropout {config.Dropout:g}"),
            ("base model", config.Source?["base_model_name_or_path"]?.ToString() ?? "not named"),
            ("targets", config.Targets is { } targets ? targets.Pattern ?? (targets.Names.Count == 0 ? "all linear layers" : string.Join(", ", targets.Names)) : "all linear layers"),
            .. config.Saved.Count == 0 ? Array.Empty<(string, string)>() : [("trained whole", string.Join(", ", config.Saved))],
            ("values", $"{FolderReport.Count(values)} in {file.Names.Count} tensors, {string.Join(", ", file.Entries.Values.Select(entry => entry.Dtype.Name).Distinct())}"),
            ("learnt", Learnt(file)),
        ];
    }

    private static string Patterns(string name, IReadOnlyList<(string Pattern, double Value)> patterns) =>
        patterns.Count == 0 ? "" : $" ({name} of their own: {string.Join(", ", patterns.Take(3).Select(p => $"{p.Pattern} {p.Value:g}"))}{(patterns.Count > 3 ? ", …" : "")})";

    /// <summary>Number of layers with a low-rank update, and how many of them change nothing: B is zero at the start and in them still.</summary>
    internal static (int Layers, int Idle) Updates(SafetensorsFile file)
    {
        using var scope = torch.NewDisposeScope();
        string[] second = [.. file.Names.Where(name => name.Contains(".lora_B", StringComparison.Ordinal) || name.Contains(".lora_embedding_B", StringComparison.Ordinal))];
        return (second.Length, second.Count(name => file.Load(name).count_nonzero().item<long>() == 0));
    }

    private static string Learnt(SafetensorsFile file) => Updates(file) switch
    {
        (0, _) => "no low-rank update",
        var (layers, idle) when idle == layers => "nothing: B is zero in every layer",
        (var layers, 0) => $"all {layers} layers differ from their start",
        var (layers, idle) => $"{layers - idle} of {layers} layers differ from their start",
    };
}
