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
        "Metaspace" => new MetaspaceSplit(node.OptionalText("replacement") ?? "▁", Prepend(node), node.Flag("split", true)),
        _ => throw node.Required("type").Wrong("Sequence, ByteLevel, Split, Digits, BertPreTokenizer, WhitespaceSplit or Metaspace"),
    };

    /// <summary>Whether the vocabulary is to see bytes.</summary>
    public static bool HasByteLevel(TokenizerNode node) =>
        node.Text("type") == "ByteLevel" || (node.Optional("pretokenizers")?.Items().Any(HasByteLevel) ?? false);

    /// <summary>When a Metaspace step puts its mark before a text; old files say only whether it does.</summary>
    public static PrependMark Prepend(TokenizerNode node) => node.OptionalText("prepend_scheme") switch
    {
        "always" => PrependMark.Always,
        "first" => PrependMark.First,
        "never" => PrependMark.Never,
        null => node.Flag("add_prefix_space", true) ? PrependMark.Always : PrependMark.Never,
        _ => throw node.Required("prepend_scheme").Wrong("always, first or never"),
    };

    private static SplitBehavior Behavior(TokenizerNode node) =>
        Enum.TryParse<SplitBehavior>(node.Text("behavior"), out var behavior)
            ? behavior
            : throw node.Required("behavior").Wrong(string.Join(", ", Enum.GetNames<SplitBehavior>()));
}
