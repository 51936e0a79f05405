using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;

namespace Bft.Research.Runs;

/// <summary>What a model is, from its configuration and the directory of its weights.</summary>
internal static class ModelLines
{
    public static IReadOnlyList<(string Name, string Text)> Of(string path)
    {
        var config = CausalLm.ReadConfig(path);
        using var source = WeightSource.Open(path);
        return
        [
            ("file", source.Path),
            ("architecture", $"{config.Family}: {config.Layers} blocks, width {config.HiddenSize}, feed-forward {config.IntermediateSize} ({config.Activation}), {config.Heads} query and {config.KeyValueHeads} key-value heads of {config.HeadDim}"),
            ("positions", $"{FolderReport.Count(config.MaxPositions)}, rotary embedding {config.Rotary.Kind}, θ = {config.Rotary.Theta:g}{Windows(config)}"),
            ("parameters", Parameters(config)),
            ("head", config.TiedHead ? "tied to the embedding" : "its own matrix"),
            ("stored as", Stored(source)),
            ("weights in memory", string.Join(", ", new[] { ("float32", 4), ("bfloat16", 2) }.Select(type => $"{FolderReport.Bytes((double)type.Item2 * config.ParameterCount)} as {type.Item1}"))),
            ("cache of generation", $"{FolderReport.Bytes(2.0 * 2 * config.Layers * config.KeyValueHeads * config.HeadDim * 1000)} a thousand tokens as bfloat16"),
            .. Words(ModelFolder.Of(path), config),
        ];
    }

    private static string Windows(CausalLmConfig config) =>
        config.LayerWindows.FirstOrDefault(window => window is not null) is { } width ? $"; {config.LayerWindows.Count(window => window is not null)} blocks see {width} positions" : "";

    private static string Parameters(CausalLmConfig config)
    {
        long embedding = (long)config.VocabularySize * config.HiddenSize, all = config.ParameterCount;
        var head = config.TiedHead ? 0 : embedding;
        return $"{FolderReport.Count(all)}: {FolderReport.Count(embedding)} embedding, {FolderReport.Count(all - embedding - head)} blocks and norms, {FolderReport.Count(head)} head";
    }

    private static string Stored(IWeightSource source)
    {
        var types = source.Names.Select(source.Describe).GroupBy(weight => weight.StoredAs)
            .Select(group => (Type: group.Key, Tensors: group.Count(), Values: group.Sum(weight => weight.Shape.Aggregate(1L, (product, dimension) => product * dimension))));
        return string.Join(", ", types.OrderByDescending(type => type.Values).Select(type => $"{type.Type}: {FolderReport.Count(type.Values)} values in {type.Tensors} tensors"));
    }

    private static IEnumerable<(string, string)> Words(string folder, CausalLmConfig config)
    {
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            yield return ("tokenizer", "none: a tokenizer.json is needed beside the weights");
            yield break;
        }

        var tokenizer = HfTokenizer.Load(folder);
        var special = tokenizer.SpecialTokens;
        yield return ("tokenizer", $"{FolderReport.Count(tokenizer.VocabularySize)} tokens, {tokenizer.AddedTokens.Count} added{Fit(tokenizer.VocabularySize, config.VocabularySize)}");
        (string Role, AddedToken? Token)[] roles = [("begin", special.Begin), ("end", special.End), ("pad", special.Pad), ("unknown", special.Unknown)];
        yield return ("special tokens", string.Join(", ", roles.Select(role => $"{role.Role} {(role.Token is { } token ? $"{token.Content} ({token.Id})" : "none")}")));
        yield return ("generation ends at", string.Join(", ", EndTokens.Of(folder, config, tokenizer).Select(id => $"{tokenizer.IdToToken((int)id) ?? "?"} ({id})")));
        yield return ("chat template", Template(folder));
    }

    private static string Fit(int words, int rows) => words == rows ? "" : words < rows ? $"; the embedding has {rows - words} more rows" : $"; the embedding has {words - rows} rows too few";

    private static string Template(string folder)
    {
        if (!ChatTemplateFiles.Has(folder))
            return "none: train with plain rows, generate with --prompt";
        var template = ChatTemplate.Load(folder);
        var tagged = template.Render([new("user", "a"), new(ChatMessage.Assistant, "b")], addGenerationPrompt: false).GenerationSpans.Count > 0;
        return $"{string.Join(", ", template.Names)}; responses are found by {(tagged ? "its generation tags" : "what each turn adds")}";
    }
}
