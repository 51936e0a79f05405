using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>
/// Hugging Face tokenizer files built from the metadata of a GGUF file: byte-level BPE with the pre-tokenizers <c>gpt-2</c>, <c>smollm</c>,
/// <c>llama-bpe</c>, <c>qwen2</c>.
/// </summary>
/// <remarks>Merges are written as strings, the form that every version reads. Tokens of the type "unused" (padding of the embedding) are left out.</remarks>
public static class GgufTokenizer
{
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int Unused = 5;
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of <c>tokenizer.json</c>.</summary>
    /// <exception cref="CheckpointException">The vocabulary is not byte-level BPE, its pre-tokenizer is not known, or lists differ in length.</exception>
    public static string TokenizerJson(GgufFile file)
    {
        var metadata = file.Metadata;
        var split = GgufPreTokenizer.Of(file);
        var (tokens, types) = Vocabulary(file);
        var vocabulary = new JsonObject();
        var added = new JsonArray();
        for (var id = 0; id < tokens.Length; id++)
        {
            if (types[id] == Unused)
                continue;
            if (!vocabulary.TryAdd(tokens[id], id))
                throw new CheckpointException(file.Path, "tokenizer.ggml.tokens", "different tokens", $"'{tokens[id]}' twice");
            if (types[id] is Control or UserDefined)
                added.Add(AddedToken(tokens[id], types[id], new JsonObject { ["id"] = id, ["content"] = tokens[id], ["single_word"] = false }));
        }

        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = split.Normalizer,
            ["pre_tokenizer"] = split.Json,
            ["post_processor"] = split.AddsBos ? BeginningOfText(tokens[metadata.Integer("tokenizer.ggml.bos_token_id")], metadata.Integer("tokenizer.ggml.bos_token_id")) : null,
            ["decoder"] = GgufPreTokenizer.ByteLevel(addPrefixSpace: true, useRegex: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = split.IgnoresMerges,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. metadata.Texts("tokenizer.ggml.merges").Select(merge => (JsonNode)merge)]),
            },
        };
        return root.ToJsonString(s_json);
    }

    /// <summary>The text of <c>tokenizer_config.json</c>: token roles, added tokens, chat template.</summary>
    /// <exception cref="CheckpointException">As for <see cref="TokenizerJson"/>.</exception>
    public static string ConfigJson(GgufFile file)
    {
        var metadata = file.Metadata;
        var (tokens, types) = Vocabulary(file);
        var added = new JsonObject();
        for (var id = 0; id < tokens.Length; id++)
            if (types[id] is Control or UserDefined)
                added[$"{id}"] = AddedToken(tokens[id], types[id], new JsonObject { ["content"] = tokens[id], ["single_word"] = false });
        var config = new JsonObject { ["add_prefix_space"] = false, ["added_tokens_decoder"] = added };
        foreach (var (role, key) in (ReadOnlySpan<(string, string)>)[("bos_token", "bos"), ("eos_token", "eos"), ("pad_token", "padding"), ("unk_token", "unknown")])
            if (metadata.Has($"tokenizer.ggml.{key}_token_id"))
                config[role] = tokens[metadata.Integer($"tokenizer.ggml.{key}_token_id")];
        if (metadata.Has("tokenizer.chat_template"))
            config["chat_template"] = metadata.Text("tokenizer.chat_template");
        config["clean_up_tokenization_spaces"] = false;
        config["model_max_length"] = metadata.Integer($"{GgufConfig.Architecture(file)}.context_length");
        config["tokenizer_class"] = "PreTrainedTokenizerFast";
        return config.ToJsonString(s_json) + "\n";
    }

    private static (string[] Tokens, int[] Types) Vocabulary(GgufFile file)
    {
        var model = file.Metadata.Text("tokenizer.ggml.model");
        if (model != "gpt2")
            throw new CheckpointException(file.Path, "tokenizer.ggml.model", "gpt2 (byte-level BPE)", model);
        var (tokens, types) = (file.Metadata.Texts("tokenizer.ggml.tokens"), file.Metadata.Integers("tokenizer.ggml.token_type"));
        return tokens.Length == types.Length
            ? (tokens, types)
            : throw new CheckpointException(file.Path, "tokenizer.ggml.token_type", $"{tokens.Length} entries, one a token", $"{types.Length}");
    }

    private static JsonObject AddedToken(string content, int type, JsonObject start)
    {
        start["lstrip"] = false;
        start["rstrip"] = false;
        start["normalized"] = false;
        start["special"] = type == Control;
        return start;
    }

    private static JsonObject BeginningOfText(string token, long id) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(Special(token), Sequence("A", 0)),
        ["pair"] = new JsonArray(Special(token), Sequence("A", 0), Special(token), Sequence("B", 1)),
        ["special_tokens"] = new JsonObject { [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) } },
    };

    private static JsonObject Special(string token) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } };

    private static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
}
