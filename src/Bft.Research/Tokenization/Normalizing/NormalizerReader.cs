using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Normalizing;

/// <summary>Reads the <c>normalizer</c> of a tokenizer file.</summary>
internal static class NormalizerReader
{
    public static ITextNormalizer Read(TokenizerNode node) => node.Text("type") switch
    {
        "Sequence" => new NormalizerSequence([.. node.Required("normalizers").Items().Select(Read)]),
        "NFC" => new UnicodeForm(compatible: false, compose: true),
        "NFD" => new UnicodeForm(compatible: false, compose: false),
        "NFKC" => new UnicodeForm(compatible: true, compose: true),
        "NFKD" => new UnicodeForm(compatible: true, compose: false),
        "Lowercase" => new LowerCase(),
        "StripAccents" => new StripAccents(),
        "Strip" => new StripSpace(node.Flag("strip_left", true), node.Flag("strip_right", true)),
        "Prepend" => new Prepend(node.Text("prepend")),
        "Replace" => new Replace(PatternReader.Read(node.Required("pattern")), node.Text("content")),
        "BertNormalizer" => Bert(node),
        _ => throw node.Required("type").Wrong("Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace or BertNormalizer"),
    };

    private static BertNormalizer Bert(TokenizerNode node)
    {
        var lowerCase = node.Flag("lowercase", true);
        return new(node.Flag("clean_text", true), node.Flag("handle_chinese_chars", true), node.Flag("strip_accents", lowerCase), lowerCase);
    }
}
