namespace Bft.Research.Tokenization.Splitting;

/// <summary>Reads the <c>pre_tokenizer</c> of a tokenizer file.</summary>
internal static class PreTokenizerReader
{
    public static IPreTokenizer Read(TokenizerNode node) => node.Text("type") switch
    {
        "Sequence" => new PreTokenizerSequence([.. node.Required("pretokenizers").Items().Select(Read)]),
        "ByteLevel" => new ByteLevelSplit(node.Flag("add_prefix_space", true), node.Flag("use_regex", true)),
        "Split" => new PatternSplit(PatternReader.Read(node.Required("pattern")), Behavior(node), node.Flag("invert", false)),
        "Digits" => new DigitSplit(node.Flag("individual_digits", false)),
        "BertPreTokenizer" => new SpaceSplit(separatePunctuation: true),
        "WhitespaceSplit" => new SpaceSplit(separatePunctuation: false),
        _ => throw node.Required("type").Wrong("Sequence, ByteLevel, Split, Digits, BertPreTokenizer or WhitespaceSplit"),
    };

    /// <summary>Whether the vocabulary is to see bytes.</summary>
    public static bool HasByteLevel(TokenizerNode node) =>
        node.Text("type") == "ByteLevel" || (node.Optional("pretokenizers")?.Items().Any(HasByteLevel) ?? false);

    private static SplitBehavior Behavior(TokenizerNode node) =>
        Enum.TryParse<SplitBehavior>(node.Text("behavior"), out var behavior)
            ? behavior
            : throw node.Required("behavior").Wrong(string.Join(", ", Enum.GetNames<SplitBehavior>()));
}
