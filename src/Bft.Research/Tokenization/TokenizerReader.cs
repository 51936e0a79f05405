using Bft.Research.Tokenization.Decoding;
using Bft.Research.Tokenization.Normalizing;
using Bft.Research.Tokenization.PostProcessing;
using Bft.Research.Tokenization.Splitting;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization;

/// <summary>Reads <c>tokenizer.json</c>, and finds out which form of tokenizer a folder holds.</summary>
internal static class TokenizerReader
{
    public static TokenizerParts Read(string path)
    {
        if (File.Exists(path))
            return ReadJson(path);
        string[] files = ["tokenizer.json", "vocab.json", "vocab.txt"];
        var found = files.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{path}: expected {string.Join(", ", files[..^1])} with merges.txt, or {files[^1]}; found none.");
        return Path.GetFileName(found) switch
        {
            "tokenizer.json" => ReadJson(found),
            "vocab.json" => SlowTokenizerReader.ReadBytePair(path),
            _ => SlowTokenizerReader.ReadWordPiece(path),
        };
    }

    private static TokenizerParts ReadJson(string file)
    {
        var root = TokenizerNode.Read(file);
        var preTokenizer = root.Optional("pre_tokenizer") is { } split ? PreTokenizerReader.Read(split) : null;
        var byteLevel = root.Optional("pre_tokenizer") is { } node && PreTokenizerReader.HasByteLevel(node);
        var vocabulary = VocabularyReader.Read(root.Required("model"), byteLevel);
        return new()
        {
            File = file,
            Vocabulary = vocabulary,
            Added = root.Optional("added_tokens") is { } added ? [.. added.Items().Select(item => Added(item, item.Text("content"), item.Integer("id")))] : [],
            Normalizer = root.Optional("normalizer") is { } normalizer ? NormalizerReader.Read(normalizer) : null,
            PreTokenizer = preTokenizer,
            PostProcessor = root.Optional("post_processor") is { } processor ? PostProcessorReader.Read(processor) : null,
            Decoder = root.Optional("decoder") is { } decoder ? DecoderReader.Read(decoder) : null,
            Truncation = root.Optional("truncation") is { } truncation ? ReadTruncation(truncation) : null,
            Padding = root.Optional("padding") is { } padding ? ReadPadding(padding) : null,
        };
    }

    public static AddedToken Added(TokenizerNode node, string content, int id) => new(content, id)
    {
        Special = node.Flag("special", false),
        Normalized = node.Flag("normalized", true),
        SingleWord = node.Flag("single_word", false),
        StripLeft = node.Flag("lstrip", false),
        StripRight = node.Flag("rstrip", false),
    };

    private static Truncation ReadTruncation(TokenizerNode node) => new()
    {
        MaxLength = node.Integer("max_length"),
        Stride = node.Integer("stride", 0),
        Strategy = node.OptionalText("strategy") switch
        {
            null or "LongestFirst" => TruncationStrategy.LongestFirst,
            "OnlyFirst" => TruncationStrategy.OnlyFirst,
            "OnlySecond" => TruncationStrategy.OnlySecond,
            _ => throw node.Required("strategy").Wrong("LongestFirst, OnlyFirst or OnlySecond"),
        },
        Side = Side(node),
    };

    private static Padding ReadPadding(TokenizerNode node)
    {
        var strategy = node.Required("strategy");
        return new()
        {
            PadId = node.Integer("pad_id"),
            PadToken = node.Text("pad_token"),
            PadType = node.Integer("pad_type_id", 0),
            Length = strategy.Value.ValueKind == System.Text.Json.JsonValueKind.Object ? strategy.Integer("Fixed") : null,
            MultipleOf = node.Optional("pad_to_multiple_of")?.AsInteger(),
            Side = Side(node),
        };
    }

    private static TextSide Side(TokenizerNode node) => node.OptionalText("direction") switch
    {
        null or "Right" => TextSide.Right,
        "Left" => TextSide.Left,
        _ => throw node.Required("direction").Wrong("Right or Left"),
    };
}
