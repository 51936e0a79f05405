namespace Bft.Research.Checkpoints;

/// <summary>What a model's folder holds beside configuration and weights: tokenizer, chat template, settings of generation.</summary>
public static class CompanionFiles
{
    private const string Tokenizer = "tokenizer.json";
    private const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>Names of all such files; a folder has some of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        Tokenizer, TokenizerConfig, "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja",
        GenerationFile.Name,
    ];

    /// <summary>Copies them from beside a model; what a GGUF file without a tokenizer.json beside it says of its tokenizer is written as files.</summary>
    /// <param name="model">Folder of the model, or GGUF file.</param>
    /// <param name="folder">Folder that receives them; it is there.</param>
    /// <returns>Names of the files written.</returns>
    /// <exception cref="CheckpointException">There is no such model, or the tokenizer of the GGUF file cannot be expressed.</exception>
    public static IReadOnlyList<string> Copy(string model, string folder)
    {
        var gguf = WeightSource.FindGguf(model);
        var beside = Directory.Exists(model) ? model : Path.GetDirectoryName(Path.GetFullPath(model))!;
        List<string> written = [.. Names.Where(name => File.Exists(Path.Combine(beside, name)))];
        foreach (var name in written)
            File.WriteAllBytes(Path.Combine(folder, name), File.ReadAllBytes(Path.Combine(beside, name))); // not their attributes
        if (gguf is null || written.Contains(Tokenizer))
            return written;
        using var file = GgufFile.Open(gguf);
        File.WriteAllText(Path.Combine(folder, Tokenizer), GgufTokenizer.TokenizerJson(file));
        File.WriteAllText(Path.Combine(folder, TokenizerConfig), GgufTokenizer.ConfigJson(file));
        return [.. written.Union([Tokenizer, TokenizerConfig])];
    }
}
