using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Research.Tokenization.Training;

/// <summary>A learned byte-level BPE tokenizer.</summary>
public sealed class TrainedBpe
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly BpeTrainerOptions _options;

    internal TrainedBpe(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options)
    {
        Tokens = tokens;
        Merges = merges;
        _options = options;
    }

    /// <summary>Vocabulary strings in the order of their ids, without added tokens: 256 bytes, then what merges made.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Pairs in the order they were learned.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, which <see cref="HfTokenizer.Load"/> and the Hugging Face libraries read.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var added = Added();
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer(added).ToJsonString(Written) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), Configuration(added).ToJsonString(Written) + "\n");
    }

    private List<(int Id, string Content, bool Special)> Added() =>
    [
        .. _options.SpecialTokens.Select((content, i) => (Tokens.Count + i, content, true)),
        .. _options.PlainTokens.Select((content, i) => (Tokens.Count + _options.SpecialTokens.Count + i, content, false)),
    ];

    private JsonObject Tokenizer(List<(int Id, string Content, bool Special)> added) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. added.Select(token => Entry(token.Content, token.Special, token.Id))]),
        ["normalizer"] = new JsonObject { ["type"] = "NFC" },
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = _options.Pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                ByteLevel()),
        },
        ["post_processor"] = ByteLevel(),
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]),
        },
    };

    private JsonObject Configuration(List<(int Id, string Content, bool Special)> added)
    {
        var configuration = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = null,
            ["eos_token"] = _options.EndToken,
            ["pad_token"] = _options.PadToken,
            ["unk_token"] = null,
            ["clean_up_tokenization_spaces"] = false,
            ["model_max_length"] = _options.ModelMaxLength,
            ["added_tokens_decoder"] = new JsonObject(added.Select(token => KeyValuePair.Create($"{token.Id}", (JsonNode?)Entry(token.Content, token.Special, null)))),
        };
        if (_options.ChatTemplate is { } template)
            configuration["chat_template"] = template;
        return configuration;
    }

    private static JsonObject Entry(string content, bool special, int? id)
    {
        var entry = new JsonObject();
        if (id is not null)
            entry["id"] = id;
        entry["content"] = content;
        foreach (var flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            entry[flag] = false;
        entry["special"] = special;
        return entry;
    }

    private static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false };
}
