using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>How text is cut before merges, for a value of <c>tokenizer.ggml.pre</c>.</summary>
/// <param name="Json">The <c>pre_tokenizer</c> of tokenizer.json.</param>
/// <param name="Normalizer">The <c>normalizer</c>, or null.</param>
/// <param name="IgnoresMerges">Whether a piece that is a token as a whole is taken without merging.</param>
/// <param name="AddsBos">Whether the beginning-of-text token is put in front.</param>
internal sealed record GgufPreTokenizer(JsonObject Json, JsonObject? Normalizer, bool IgnoresMerges, bool AddsBos)
{
    private const string LlamaPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pre-tokenizer that a file names.</summary>
    /// <exception cref="CheckpointException">The name is not known.</exception>
    public static GgufPreTokenizer Of(GgufFile file)
    {
        const string key = "tokenizer.ggml.pre";
        var name = file.Metadata.Text(key);
        GgufPreTokenizer known = name switch
        {
            "gpt-2" => new(ByteLevel(addPrefixSpace: false, useRegex: true), null, false, false),
            "smollm" => new(Sequence(new() { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(addPrefixSpace: false, useRegex: true)), null, false, false),
            "llama-bpe" => new(Sequence(Split(LlamaPattern), ByteLevel(addPrefixSpace: false, useRegex: false)), null, true, true),
            "qwen2" => new(Sequence(Split(QwenPattern), ByteLevel(addPrefixSpace: false, useRegex: false)), new() { ["type"] = "NFC" }, false, false),
            _ => throw new CheckpointException(file.Path, key, "gpt-2, smollm, llama-bpe or qwen2", name),
        };
        return file.Metadata.Has("tokenizer.ggml.add_bos_token") ? known with { AddsBos = file.Metadata.Flag("tokenizer.ggml.add_bos_token") } : known;
    }

    /// <summary>The byte-level step or decoder.</summary>
    public static JsonObject ByteLevel(bool addPrefixSpace, bool useRegex) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };

    private static JsonObject Sequence(JsonObject first, JsonObject second) =>
        new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(first, second) };

    private static JsonObject Split(string pattern) => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    };
}
