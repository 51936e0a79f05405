using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>The same as the lines of a <see cref="FolderReport"/>, as numbers and names for programs. Names of fields are kept (<c>docs/inspect.md</c>).</summary>
internal static class FolderValues
{
    public static JsonObject OfModel(string path)
    {
        var config = CausalLm.ReadConfig(path);
        using var source = WeightSource.Open(path);
        long embedding = (long)config.VocabularySize * config.HiddenSize, head = config.TiedHead ? 0 : embedding, all = config.ParameterCount;
        return new()
        {
            ["file"] = source.Path,
            ["family"] = config.Family.ToString().ToLowerInvariant(),
            ["layers"] = config.Layers,
            ["hiddenSize"] = config.HiddenSize,
            ["intermediateSize"] = config.IntermediateSize,
            ["heads"] = config.Heads,
            ["keyValueHeads"] = config.KeyValueHeads,
            ["headDim"] = config.HeadDim,
            ["vocabularySize"] = config.VocabularySize,
            ["maxPositions"] = config.MaxPositions,
            ["rotary"] = config.Rotary.Kind.ToString().ToLowerInvariant(),
            ["ropeTheta"] = config.Rotary.Theta,
            ["tiedHead"] = config.TiedHead,
            ["parameters"] = new JsonObject { ["total"] = all, ["embedding"] = embedding, ["blocks"] = all - embedding - head, ["head"] = head },
            ["stored"] = Stored(source),
            ["bytes"] = new JsonObject { ["float32"] = 4 * all, ["bfloat16"] = 2 * all },
            ["cacheBytesPerToken"] = 2L * 2 * config.Layers * config.KeyValueHeads * config.HeadDim,
            ["tokenizer"] = Tokenizer(ModelFolder.Of(path), config),
        };
    }

    public static JsonObject OfAdapter(string folder)
    {
        var config = PeftConfig.Read(folder);
        using var file = SafetensorsFile.Open(Path.Combine(folder, LoraFolder.WeightsName));
        var (layers, idle) = AdapterLines.Updates(file);
        return new()
        {
            ["rank"] = config.Rank,
            ["alpha"] = config.Alpha,
            ["rankStabilized"] = config.RankStabilized,
            ["dora"] = config.Dora,
            ["dropout"] = config.Dropout,
            ["baseModel"] = config.Source?["base_model_name_or_path"]?.ToString(),
            ["targets"] = config.Targets is { Pattern: null, Names: { Count: > 0 } names } ? Texts(names) : null,
            ["targetPattern"] = config.Targets?.Pattern,
            ["modulesToSave"] = Texts(config.Saved),
            ["values"] = file.Entries.Values.Sum(entry => Values(entry.Shape)),
            ["tensors"] = file.Names.Count,
            ["types"] = Texts(file.Entries.Values.Select(entry => entry.Dtype.Name).Distinct()),
            ["layers"] = layers,
            ["idleLayers"] = idle,
        };
    }

    public static JsonObject OfCheckpoint(string folder)
    {
        var checkpoint = TrainingCheckpoint.Open(folder);
        return new()
        {
            ["step"] = checkpoint.Step,
            ["plannedSteps"] = checkpoint.PlannedSteps,
            ["skippedSteps"] = checkpoint.Record.State.Skipped,
            ["bestStep"] = checkpoint.Record.State.BestStep,
            ["files"] = Texts(checkpoint.Record.Files.Keys),
        };
    }

    public static JsonObject OfRun(string folder)
    {
        var options = RunFile.Read(Path.Combine(folder, TrainingRun.OptionsFile));
        var log = Path.Combine(folder, TrainingLog.FileName);
        var last = File.Exists(log) ? TrainingLog.Read(log).Steps.LastOrDefault() : null;
        return new()
        {
            ["model"] = options.Model,
            ["objective"] = options.Trainer.Objective.Kind.ToString(),
            ["loraRank"] = options.Trainer.Lora?.Rank,
            ["data"] = Texts(options.Data.Select(source => source.File)),
            ["step"] = last?.Step,
            ["plannedSteps"] = last?.TotalSteps,
            ["loss"] = last?.Loss,
            ["meanNll"] = last?.MeanNll,
            ["checkpoints"] = new JsonArray([.. CheckpointFolder.ListOf(folder).Keys.Order().Select(step => (JsonNode)step)]),
            ["result"] = RunResult.In(folder),
        };
    }

    private static JsonArray Stored(IWeightSource source) => new(
    [
        .. source.Names.Select(source.Describe).GroupBy(weight => weight.StoredAs).OrderBy(type => type.Key.ToString(), StringComparer.Ordinal)
            .Select(type => new JsonObject { ["type"] = type.Key.ToString(), ["tensors"] = type.Count(), ["values"] = type.Sum(weight => Values(weight.Shape)) }),
    ]);

    private static JsonObject? Tokenizer(string folder, CausalLmConfig config)
    {
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")))
            return null;
        var tokenizer = HfTokenizer.Load(folder);
        var special = tokenizer.SpecialTokens;
        return new()
        {
            ["tokens"] = tokenizer.VocabularySize,
            ["added"] = tokenizer.AddedTokens.Count,
            ["begin"] = special.Begin?.Id,
            ["end"] = special.End?.Id,
            ["pad"] = special.Pad?.Id,
            ["ends"] = new JsonArray([.. EndTokens.Of(folder, config, tokenizer).Select(id => (JsonNode)id)]),
            ["chatTemplates"] = Texts(ChatTemplateFiles.Has(folder) ? ChatTemplate.Load(folder).Names : []),
        };
    }

    private static long Values(IEnumerable<long> shape) => shape.Aggregate(1L, (product, dimension) => product * dimension);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
