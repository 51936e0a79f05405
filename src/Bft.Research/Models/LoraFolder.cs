using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>Reads and writes the two files of a PEFT folder.</summary>
internal static class LoraFolder
{
    public const string WeightsName = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";
    private const string A = ".lora_A.weight";
    private const string B = ".lora_B.weight";
    private const string Magnitude = ".lora_magnitude_vector";

    /// <summary>The matrices of every layer that the configuration covers; all tensors of the file must be among them.</summary>
    public static List<(Projection Target, Tensor A, Tensor B, Tensor? Magnitude)> Read(string folder, PeftConfig config, IReadOnlyList<Projection> projections)
    {
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path))
            throw new CheckpointException(path, "file", "the adapter's tensors", "nothing");
        var covered = projections.Where(p => config.Covers(p.Name)).ToList();
        RequireTargets(config, projections, covered.Count);
        using var file = SafetensorsFile.Open(path);
        var unused = file.Names.ToHashSet(StringComparer.Ordinal);
        var read = covered.Select(p => (
            p,
            Take(A, p, [config.RankOf(p.Name), p.Weight.shape[1]]),
            Take(B, p, [p.Weight.shape[0], config.RankOf(p.Name)]),
            config.Dora ? Take(Magnitude, p, [p.Weight.shape[0]]) : null)).ToList();
        if (unused.Count > 0)
            throw new CheckpointException(path, unused.Order(StringComparer.Ordinal).First(), "only matrices of layers that target_modules covers and the model has", $"{unused.Count} others");
        return read;

        Tensor Take(string part, Projection target, long[] shape)
        {
            var name = Prefix + target.Name + part;
            if (!unused.Remove(name))
                throw new CheckpointException(path, name, "a matrix of the adapter", "nothing");
            if (!file.Entries[name].Shape.SequenceEqual(shape))
                throw new CheckpointException(path, name, $"shape [{string.Join(", ", shape)}]", $"[{string.Join(", ", file.Entries[name].Shape)}]");
            return file.Load(name);
        }
    }

    /// <summary>Writes a folder as a whole or not at all; the target must be absent or empty.</summary>
    public static void Write(string folder, LoraAdapter adapter, string? baseModel)
    {
        using var scope = torch.NewDisposeScope();
        AtomicOutput.WriteFolder(folder, place =>
        {
            List<(string, Tensor)> tensors = [.. adapter.Parameters.Select(p => (Prefix + p.Name, p.Value.detach().cpu().contiguous()))];
            SafetensorsWriter.Write(Path.Combine(place, WeightsName), tensors, SafetensorsWriter.PyTorchMetadata);
            File.WriteAllText(Path.Combine(place, PeftConfig.FileName), Config(adapter, baseModel).ToJsonString(new() { WriteIndented = true }) + "\n");
        });
    }

    private static JsonObject Config(LoraAdapter adapter, string? baseModel)
    {
        var common = adapter.Layers.GroupBy(l => (l.Rank, l.Alpha)).MaxBy(g => g.Count())!.Key;
        return new()
        {
            ["base_model_name_or_path"] = baseModel,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["lora_alpha"] = common.Alpha,
            ["lora_dropout"] = adapter.Dropout,
            ["modules_to_save"] = null,
            ["peft_type"] = "LORA",
            ["r"] = common.Rank,
            ["rank_pattern"] = Pattern(l => l.Rank, common.Rank),
            ["alpha_pattern"] = Pattern(l => l.Alpha, common.Alpha),
            ["target_modules"] = new JsonArray([.. adapter.Targets.Select(name => (JsonNode)name)]),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = adapter.Layers.Any(l => l.Magnitude is not null),
            ["use_rslora"] = adapter.RankStabilized,
        };

        JsonObject Pattern(Func<LoraLayer, double> value, double usual) =>
            new(adapter.Layers.Where(l => value(l) != usual).Select(l => KeyValuePair.Create(l.Target.Name.Replace(".", @"\.", StringComparison.Ordinal), (JsonNode?)value(l))));
    }

    private static void RequireTargets(PeftConfig config, IReadOnlyList<Projection> projections, int covered)
    {
        var missing = config.Targets?.FirstOrDefault(t => !projections.Any(p => PeftConfig.EndsWith(p.Name, t)));
        if (missing is not null)
            throw new CheckpointException(config.File, "target_modules", "names of linear layers of the model's blocks (head and embedding are not supported)", missing);
        if (covered == 0)
            throw new CheckpointException(config.File, "target_modules", "a linear layer of the model", "none");
    }
}
