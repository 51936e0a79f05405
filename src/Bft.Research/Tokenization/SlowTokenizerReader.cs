using Bft.Research.Tokenization.Decoding;
using Bft.Research.Tokenization.Normalizing;
using Bft.Research.Tokenization.PostProcessing;
using Bft.Research.Tokenization.Splitting;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization;

/// <summary>Reads the older forms: <c>vocab.json</c> with <c>merges.txt</c>, and <c>vocab.txt</c>. What tokenizer.json spells out is implied there by <c>tokenizer_class</c>.</summary>
internal static class SlowTokenizerReader
{
    public static TokenizerParts ReadBytePair(string folder)
    {
        var config = TokenizerNode.Read(Path.Combine(folder, "tokenizer_config.json"));
        var kind = config.Text("tokenizer_class");
        var isQwen = kind is "Qwen2Tokenizer" or "Qwen2TokenizerFast";
        if (!isQwen && kind is not ("GPT2Tokenizer" or "GPT2TokenizerFast"))
            throw config.Required("tokenizer_class").Wrong("Qwen2Tokenizer or GPT2Tokenizer where there is no tokenizer.json");

        var mergesFile = Path.Combine(folder, "merges.txt");
        string[] merges = [.. File.ReadLines(mergesFile).Where((line, number) => line.Length > 0 && !(number == 0 && line.StartsWith("#version", StringComparison.Ordinal)))];
        for (var i = 0; i < merges.Length; i++)
            if (merges[i].Count(character => character == ' ') != 1)
                throw new TokenizerException(mergesFile, $"merge {i + 1}", "two tokens with one space between them", $"\"{merges[i]}\"");
        var vocabulary = VocabularyReader.BytePair(mergesFile, VocabularyReader.Ids(TokenizerNode.Read(Path.Combine(folder, "vocab.json"))), merges, wholePieces: false);
        var prefixSpace = config.Flag("add_prefix_space", false);
        return new()
        {
            File = Path.Combine(folder, "vocab.json"),
            Vocabulary = vocabulary,
            Added = Added(config, vocabulary),
            Normalizer = isQwen ? new UnicodeForm(compatible: false, compose: true) : null,
            PreTokenizer = isQwen
                ? new PreTokenizerSequence([new PatternSplit(SplitPatterns.Compile(SplitPatterns.Qwen2), SplitBehavior.Isolated, invert: false), new ByteLevelSplit(prefixSpace, usePattern: false)])
                : new ByteLevelSplit(prefixSpace, usePattern: true),
            Decoder = new ByteLevelDecoder(),
        };
    }

    public static TokenizerParts ReadWordPiece(string folder)
    {
        var file = Path.Combine(folder, "vocab.txt");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(file))
            ids[line] = ids.Count;
        var configFile = Path.Combine(folder, "tokenizer_config.json");
        var config = File.Exists(configFile) ? TokenizerNode.Read(configFile) : new(configFile, "", default);
        var lowerCase = config.Flag("do_lower_case", true);
        var vocabulary = new WordPieceVocabulary(ids, Known("unk_token", "[UNK]"), "##", 100);
        return new()
        {
            File = file,
            Vocabulary = vocabulary,
            Added = [.. ((string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]).Where(ids.ContainsKey).Select(token => new AddedToken(token, ids[token]) { Special = true })],
            Normalizer = new BertNormalizer(cleanText: true, config.Flag("tokenize_chinese_chars", true), config.Flag("strip_accents", lowerCase), lowerCase),
            PreTokenizer = new SpaceSplit(separatePunctuation: true),
            PostProcessor = PostProcessorReader.Bert(Place(Known("cls_token", "[CLS]")), Place(Known("sep_token", "[SEP]"))),
            Decoder = new WordPieceDecoder("##", cleanUp: true),
        };

        string Known(string role, string otherwise)
        {
            var token = config.Value.ValueKind == System.Text.Json.JsonValueKind.Object ? config.OptionalText(role) ?? otherwise : otherwise;
            return ids.ContainsKey(token) ? token : throw new TokenizerException(file, role, "a token of the vocabulary", $"\"{token}\"");
        }

        TemplatePlace Place(string token) => new(null, 0, [ids[token]], [token]);
    }

    /// <summary>Added tokens from <c>added_tokens_decoder</c> of the configuration.</summary>
    private static List<AddedToken> Added(TokenizerNode config, BytePairVocabulary vocabulary)
    {
        var added = new List<AddedToken>();
        if (config.Optional("added_tokens_decoder") is { } decoder)
            foreach (var (id, node) in decoder.Members())
                added.Add(int.TryParse(id, out var number) ? TokenizerReader.Added(node, node.Text("content"), number) : throw node.Wrong("a token id as its name"));
        if (added.Count == 0 && vocabulary.IdOf("<|endoftext|>") is { } end)
            added.Add(new("<|endoftext|>", end) { Special = true });
        return added;
    }
}
