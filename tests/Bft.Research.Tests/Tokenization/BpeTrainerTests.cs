using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Training;

namespace Bft.Research.Tests.Tokenization;

public class BpeTrainerTests
{
    private static readonly string[] Texts =
    [
        "low low low low low lower lower newest newest newest newest newest newest widest widest widest",
        "The gene TP53 codes for p53. The gene BRCA1 codes for BRCA1. naïve β-catenin, 5 µg/mL",
    ];

    private static readonly BpeTrainerOptions Options = new()
    {
        VocabularySize = 285,
        SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        PlainTokens = ["<think>"],
        EndToken = "<|im_end|>",
        PadToken = "<|endoftext|>",
        ChatTemplate = "{{ messages[0].content }}",
    };

    [Fact]
    public void Merges_are_those_of_counting_every_pair_anew_each_time()
    {
        var trained = BpeTrainer.Train(Texts, Options);
        Assert.Equal(Naive(Texts, trained.Merges.Count, preferFrequent: true), trained.Merges);
        Assert.NotEqual(Naive(Texts, trained.Merges.Count, preferFrequent: false), trained.Merges); // the wrong variant: ties and counts ignored
    }

    [Fact]
    public void Repeated_letters_merge_from_the_left_without_counting_twice() =>
        Assert.Equal(Naive(["aaaa aaaaa aaa", "aaaaaaaa"], 5, preferFrequent: true), BpeTrainer.Train(["aaaa aaaaa aaa", "aaaaaaaa"], new() { VocabularySize = 261, MinimumFrequency = 1 }).Merges);

    [Fact]
    public void What_is_saved_loads_and_gives_the_text_back()
    {
        var folder = Directory.CreateTempSubdirectory("bpe");
        try
        {
            BpeTrainer.Train(Texts, Options).Save(folder.FullName);
            var tokenizer = HfTokenizer.Load(folder.FullName);
            Assert.Equal(285, tokenizer.VocabularySize);
            Assert.Equal(283, tokenizer.TokenToId("<|im_end|>"));
            Assert.Equal("<|im_end|>", tokenizer.SpecialTokens.End!.Content);
            Assert.Equal("<|endoftext|>", tokenizer.SpecialTokens.Pad!.Content);
            const string text = "<|im_start|>newest gene: naïve 北京 🧬<|im_end|>";
            var encoding = tokenizer.Encode(text);
            Assert.Contains("gene", encoding.Tokens);
            Assert.Equal(text, tokenizer.Decode(encoding.Ids));
            Assert.Equal("newest gene: naïve 北京 🧬", tokenizer.Decode(encoding.Ids, skipSpecialTokens: true));
            Assert.False(tokenizer.IsSpecial(tokenizer.TokenToId("<think>")!.Value));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void All_problems_of_the_options_are_reported_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Texts, new() { VocabularySize = 10, MinimumFrequency = 0, EndToken = "x", SpecialTokens = ["", "a"] }));
        Assert.All((string[])["VocabularySize", "MinimumFrequency", "EndToken", "non-empty"], name => Assert.Contains(name, error.Message));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], Options));
    }

    /// <summary>The definition, without any index: split at spaces as the pattern does for this text, count, merge the best, repeat.</summary>
    private static List<(string, string)> Naive(string[] texts, int count, bool preferFrequent)
    {
        var words = texts.SelectMany(Pieces).Select(piece => System.Text.Encoding.UTF8.GetBytes(piece).Select(Letter).ToList()).ToList();
        var ids = Enumerable.Range(0, 256).Select(value => Letter((byte)value)).OrderBy(letter => letter[0]).Select((letter, id) => (letter, id)).ToDictionary(pair => pair.letter, pair => pair.id);
        var merges = new List<(string, string)>();
        while (merges.Count < count)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Where(group => !merges.Contains(group.Key));
            var best = (preferFrequent ? pairs.OrderByDescending(group => group.Count()).ThenBy(group => ids[group.Key.First]) : pairs.OrderBy(group => ids[group.Key.First]))
                .ThenBy(group => ids[group.Key.Second]).First().Key;
            merges.Add(best);
            ids.TryAdd(best.First + best.Second, ids.Count);
            foreach (var word in words)
                for (var i = 0; i + 1 < word.Count; i++)
                    if (word[i] == best.First && word[i + 1] == best.Second)
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
        }

        return merges;
    }

    private static IEnumerable<string> Pieces(string text) =>
        System.Text.RegularExpressions.Regex.Matches(text, @"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+").Select(match => match.Value);

    private static string Letter(byte value)
    {
        var others = Enumerable.Range(0, 256).Where(other => other is not ((>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255))).ToList();
        return ((char)(others.IndexOf(value) is >= 0 and var at ? 256 + at : value)).ToString();
    }
}
