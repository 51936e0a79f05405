using System.Text;
using System.Text.Json.Nodes;
using Bft.Research.Tokenization;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Tokenization;

public class HfTokenizerTests
{
    private const string Sample = "Patients received 100 mg/m² of cisplatin i.v. on days 1, 8 and 15 (q28d).";

    [Fact]
    public void Every_reference_case_agrees()
    {
        var folder = SharedFolder.Require("golden", "tokenizers");
        using var context = new VerificationContext(VerificationContext.NearestRoot(folder));
        var outcomes = Verifier.Run(folder, context).ToList();
        Assert.True(outcomes.Count > 5000, $"only {outcomes.Count} cases ran");
        Assert.Empty(outcomes.Where(outcome => !outcome.Passed).Select(outcome => $"{outcome.Case.Id}: {outcome.Mismatches.FirstOrDefault()}"));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("qwen2")]
    [InlineData("bert-base-uncased")]
    public void Vectors_of_an_independent_project_agree(string name)
    {
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("data", "tokenizers", name));
        var vectors = JsonNode.Parse(File.ReadAllText(SharedFolder.Require("data", "tokenizers", "golden", $"{name}.json")))!;
        var rows = (vectors as JsonArray ?? vectors["cases"]!.AsArray()).Select(row => (Text: (string)row!["text"]!, Ids: row["ids"]!.AsArray().Select(id => (int)id!).ToArray())).ToList();
        Assert.Equal(47, rows.Count);
        foreach (var (text, ids) in rows)
            Assert.Equal(ids, tokenizer.Encode(text, addSpecialTokens: false).Ids);
    }

    [Fact]
    public void A_tokenizer_without_ignore_merges_is_told_from_one_with_it()
    {
        var right = HfTokenizer.Load(SharedFolder.Require("golden", "tokenizers", "own-llama3"));
        var wrong = Changed("own-llama3", root => root["model"]!["ignore_merges"] = false);
        Assert.Equal(["BRCA", "1"], right.Encode("BRCA1", false).Tokens);
        Assert.NotEqual(["BRCA", "1"], wrong.Encode("BRCA1", false).Tokens);
    }

    [Fact]
    public void Offsets_count_code_points_and_not_units()
    {
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("golden", "tokenizers", "own-qwen2"));
        const string text = "🧬 gene";
        var last = tokenizer.Encode(text, false).Offsets[^1];
        Assert.Equal(text.EnumerateRunes().Count(), last.End);
        Assert.NotEqual(text.Length, last.End); // the wrong variant: C# string indices
    }

    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters()
    {
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("golden", "tokenizers", "own-qwen2"));
        Assert.Equal([new(0, 5)], tokenizer.PreTokenize("𝒜lpha"));
        Assert.Equal([new(0, 1), new(1, 2)], tokenizer.PreTokenize("𝟙𝟚")); // single digits
    }

    [Fact]
    public void Byte_level_ids_give_the_text_back()
    {
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("golden", "tokenizers", "own-llama3"));
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(40); length > 0; length--)
                text.Append(new Rune(random.Next(3) switch { 0 => random.Next(32, 127), 1 => random.Next(0x80, 0xD800), _ => random.Next(0x10000, 0x110000) }));
            var encoding = tokenizer.Encode(text.ToString(), false);
            Assert.Equal(text.ToString(), tokenizer.Decode(encoding.Ids));
            var starts = encoding.Offsets.Select(offset => offset.Start).ToList();
            Assert.Equal(starts.Order(), starts);
        }
    }

    [Fact]
    public void Truncation_keeps_special_tokens_and_overflow_covers_the_rest()
    {
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("golden", "tokenizers", "own-wordpiece"));
        var whole = tokenizer.Encode(Sample, false).Ids;
        var cut = tokenizer.Encode(Sample, new EncodeOptions { Truncation = new() { MaxLength = 8 } });
        Assert.Equal(8, cut.Length);
        TokenEncoding[] parts = [cut, .. cut.Overflowing];
        Assert.Equal(whole, parts.SelectMany(part => part.Ids[1..^1]));
        Assert.All(parts, part => Assert.Equal(["[CLS]", "[SEP]"], (string[])[part.Tokens[0], part.Tokens[^1]]));
    }

    [Fact]
    public void An_unsupported_part_is_named_with_what_is_supported()
    {
        var error = Assert.Throws<TokenizerException>(() => Changed("own-qwen2", root => root["normalizer"] = new JsonObject { ["type"] = "Nmt" }));
        Assert.Equal("normalizer.type", error.Field);
        Assert.Contains("NFC", error.Expected);
        Assert.EndsWith("tokenizer.json", error.File);
        error = Assert.Throws<TokenizerException>(() => Changed("own-qwen2", root => root["model"]!["merges"]!.AsArray().Insert(3, "zq 9#")));
        Assert.Equal("merges[3]", error.Field);
        error = Assert.Throws<TokenizerException>(() => Changed("own-qwen2", root => root["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = @"\p{Han}+"));
        Assert.Contains("pre_tokenizer.pretokenizers[0].pattern", error.Field);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_was_looked_for()
    {
        var error = Assert.Throws<FileNotFoundException>(() => HfTokenizer.Load(AppContext.BaseDirectory));
        Assert.Contains("tokenizer.json", error.Message);
    }

    private static HfTokenizer Changed(string name, Action<JsonNode> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFolder.Require("golden", "tokenizers", name, "tokenizer.json")))!;
        change(root);
        var folder = Directory.CreateTempSubdirectory("tokenizer");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), root.ToJsonString());
            return HfTokenizer.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
