using System.Text.Json;
using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Decoding;
using Bft.Research.Tokenization.Normalizing;
using Bft.Research.Tokenization.PostProcessing;
using Bft.Research.Tokenization.Splitting;
using Bft.Tests;

namespace Bft.Research.Tests.Tokenization;

public class TokenizerStagesTests
{
    [Theory]
    [InlineData("NFC", "e\u0323\u0302", "\u1EC7", "0-1")]
    [InlineData("NFC", "q\u0307\u0323", "q\u0323\u0307", "0-1 1-2 2-3")] // reordered marks keep the places, not the characters
    [InlineData("NFC", "\u1100\u1161\u11A8x", "\uAC01x", "0-1 3-4")]
    [InlineData("NFC", "\u0958", "\u0915\u093C", "0-1 0-1")]
    [InlineData("NFD", "é", "e\u0301", "0-1 0-1")]
    [InlineData("NFKC", "ﬁx①", "fix1", "0-1 0-1 1-2 2-3")]
    [InlineData("NFKC", "\uA7F2", "\uA7F2", "0-1")] // came after Unicode 9.0
    [InlineData("Lowercase", "ΟΔΟΣ İ", "οδοσ i\u0307", "0-1 1-2 2-3 3-4 4-5 5-6 5-6")]
    [InlineData("Strip", " \u00A0a b ", "a b", "2-3 3-4 4-5")]
    [InlineData("StripAccents", "e\u0301a", "ea", "0-1 2-3")]
    public void Normalisers_rewrite_and_stay_aligned(string type, string text, string expected, string places)
    {
        var normalized = NormalizerReader.Read(Node($$"""{"type": "{{type}}"}""")).Normalize(AlignedText.Original(text));
        Assert.Equal(expected, normalized.Text);
        Assert.Equal(places, string.Join(' ', Enumerable.Range(0, normalized.Text.Length).Select(unit => $"{normalized.StartOf(unit)}-{normalized.EndOf(unit)}")));
    }

    [Fact]
    public void Places_in_the_normalised_text_would_be_wrong()
    {
        var normalized = new UnicodeForm(compatible: false, compose: true).Normalize(AlignedText.Original("cafe\u0301 x"));
        var unit = normalized.Text.IndexOf('x');
        Assert.Equal(6, normalized.StartOf(unit));
        Assert.NotEqual(unit, normalized.StartOf(unit));
    }

    [Theory]
    [InlineData("Isolated", false, "a|-|-|b|-")]
    [InlineData("Removed", false, "a|b")]
    [InlineData("MergedWithPrevious", false, "a-|-|b-")]
    [InlineData("MergedWithNext", false, "a|-|-b|-")]
    [InlineData("Contiguous", false, "a|--|b|-")]
    [InlineData("Removed", true, "-|-|-")]
    public void Splits_treat_matches_as_named(string behavior, bool invert, string expected) =>
        Assert.Equal(expected, Pieces($$"""{"type": "Split", "pattern": {"String": "-"}, "behavior": "{{behavior}}", "invert": {{(invert ? "true" : "false")}}}""", "a--b-"));

    [Theory]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "a12½", "a|1|2|½")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""", "a12½b", "a|12½|b")]
    [InlineData("""{"type": "BertPreTokenizer"}""", "do n't, (β) $5", "do|n|'|t|,|(|β|)|$|5")]
    [InlineData("""{"type": "WhitespaceSplit"}""", " do n't\u3000x ", "do|n't|x")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true}""", "a b", " a| b")]
    [InlineData("""{"type": "Metaspace", "prepend_scheme": "first"}""", "a b", "▁a|▁b")]
    [InlineData("""{"type": "Metaspace", "prepend_scheme": "never", "split": false}""", "a b", "a▁b")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "(?i:'s|'t)|\\p{L}+"}, "behavior": "Isolated", "invert": false}""", "a'ſb'Sc", "a|'ſ|b|'S|c")]
    public void Pre_tokenizers_cut_as_the_reference_does(string json, string text, string expected) => Assert.Equal(expected, Pieces(json, text));

    [Fact]
    public void Roberta_puts_two_separators_between_texts_and_one_segment_everywhere()
    {
        var processor = PostProcessorReader.Read(Node("""{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false}"""));
        var parts = processor.Process([One(10, "Ġa", 1, 3, 0), One(11, "b", 0, 1, 1)], addSpecialTokens: true);
        var whole = parts.Aggregate(TokenEncoding.Empty, (joined, part) => joined.Then(part));
        Assert.Equal([0, 10, 2, 2, 11, 2], whole.Ids);
        Assert.Equal([0, 0, 0, 0, 0, 0], whole.TypeIds);
        Assert.Equal(new TokenOffset(2, 3), whole.Offsets[1]);
        Assert.Equal(4, processor.AddedTokens(pair: true));
        var bert = PostProcessorReader.Read(Node("""{"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}"""));
        Assert.NotEqual(parts.Sum(part => part.Length), bert.Process([One(10, "Ġa", 1, 3, 0), One(11, "b", 0, 1, 1)], true).Sum(part => part.Length)); // the wrong variant
    }

    [Fact]
    public void Overflow_of_a_pair_is_every_combination_but_the_first()
    {
        var cut = new Truncation { MaxLength = 2 };
        TokenEncoding three = One(1, "a", 0, 1, 0).Then(One(2, "b", 1, 2, 0)).Then(One(3, "c", 2, 3, 0));
        var parts = cut.Apply([three, three], addedTokens: 0);
        var whole = parts[0].Then(parts[1]);
        Assert.Equal([1, 1], whole.Ids);
        Assert.Equal(["21", "22", "23", "31", "32", "33", "12", "13"], whole.Overflowing.Select(part => string.Concat(part.Ids)));
    }

    [Fact]
    public void Truncation_from_the_left_keeps_the_end()
    {
        TokenEncoding three = One(1, "a", 0, 1, 0).Then(One(2, "b", 1, 2, 0)).Then(One(3, "c", 2, 3, 0));
        var cut = new Truncation { MaxLength = 2, Side = TextSide.Left, Stride = 1 }.Apply([three], 0)[0];
        Assert.Equal([2, 3], cut.Ids);
        Assert.Equal([1, 2], Assert.Single(cut.Overflowing).Ids);
        Assert.Throws<InvalidOperationException>(() => new Truncation { MaxLength = 2, Stride = 2 }.Apply([three], 0));
        Assert.Throws<ArgumentException>(() => new Truncation { MaxLength = -1, Stride = -1 }.Apply([three], 0));
    }

    [Fact]
    public void Decoders_join_tokens()
    {
        Assert.Equal("can't, do", DecoderReader.Read(Node("""{"type": "WordPiece", "prefix": "##", "cleanup": false}""")).Decode(["can", "##'t", "##,", "do"]));
        Assert.Equal("a.", DecoderReader.Read(Node("""{"type": "WordPiece"}""")).Decode(["a", "."]));
        Assert.Equal(" a b", new MetaspaceDecoder("▁", marksFirst: false).Decode(["▁a", "▁b"]));
        Assert.Equal("\uFFFDa｜Ġ", new ByteLevelDecoder().Decode(["\u00E2", "a", "｜Ġ"]));
    }

    [Fact]
    public void Vocab_txt_alone_gives_what_tokenizer_json_gives()
    {
        var source = SharedFolder.Require("data", "models", "all-minilm-l6-v2");
        var folder = Directory.CreateTempSubdirectory("wordpiece");
        try
        {
            foreach (var name in (string[])["vocab.txt", "tokenizer_config.json"])
                File.Copy(Path.Combine(source, name), Path.Combine(folder.FullName, name));
            HfTokenizer slow = HfTokenizer.Load(folder.FullName), fast = HfTokenizer.Load(source);
            foreach (var text in (string[])["Naïve 北京 [MASK] p53-null", "", "İstanbul don't"])
                Assert.Equal(fast.Encode(text).Ids, slow.Encode(text).Ids);
            Assert.Equal("[CLS]", slow.SpecialTokens.Classify!.Content);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Contains("index 1", Assert.Throws<ArgumentException>(() => AlignedText.Original("a\uD83E")).Message);

    private static TokenizerNode Node(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new("test.json", "", document.RootElement.Clone());
    }

    private static string Pieces(string json, string text)
    {
        var pieces = new List<Piece>();
        PreTokenizerReader.Read(Node(json)).Split(new(AlignedText.Original(text), 0, text.Length), pieces);
        return string.Join('|', pieces.Select(piece => piece.Span.ToString()));
    }

    private static TokenEncoding One(int id, string token, int start, int end, int type)
    {
        var builder = new EncodingBuilder();
        builder.Add(id, token, start, end);
        return builder.Build(type);
    }
}
