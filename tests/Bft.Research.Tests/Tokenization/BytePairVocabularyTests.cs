using System.Text;
using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Splitting;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tests.Tokenization;

public class BytePairVocabularyTests
{
    private const string Letters = "abcd \u00e9\u03b2\u5317\U0001F9EC\u0004\n";

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Merges_equal_one_merge_at_a_time(int seed, bool missingBytes)
    {
        var random = new Random(seed);
        var (ids, merges) = RandomMerges(random, missingBytes);
        var vocabulary = new BytePairVocabulary(ids, merges, wholePieces: false);
        int wrong = 0, pieces = 0;
        for (var round = 0; round < 400; round++)
        {
            var text = RandomText(random, 1 + random.Next(round % 20 == 0 ? 200 : 12));
            var builder = new EncodingBuilder();
            vocabulary.Tokenize(new Piece(AlignedText.Original(text), 0, text.Length), builder);
            Assert.Equal(Naive(text, ids, merges, reversed: false), builder.Build(0).Tokens);
            pieces++;
            wrong += Naive(text, ids, merges, reversed: true).SequenceEqual(builder.Build(0).Tokens) ? 0 : 1;
        }

        Assert.True(wrong > pieces / 10, "the wrong variant, merges in the opposite order, must be noticed");
    }

    [Fact]
    public void A_missing_byte_moves_the_offsets_after_it_as_in_the_reference()
    {
        var ids = new Dictionary<string, int> { ["a"] = 0, ["b"] = 1, ["ab"] = 2, ["c"] = 3 };
        var builder = new EncodingBuilder();
        new BytePairVocabulary(ids, ["a b"], false).Tokenize(new Piece(AlignedText.Original("a\u0004bc"), 0, 4), builder);
        var encoding = builder.Build(0);
        Assert.Equal(["ab", "c"], encoding.Tokens);
        Assert.Equal([new(0, 2), new(1, 2)], encoding.Offsets);
    }

    [Fact]
    public void Parts_of_a_character_cover_the_whole_of_it()
    {
        var ids = Enumerable.Range(0, 256).ToDictionary(value => ByteAlphabet.Of((byte)value).ToString(), value => value);
        var builder = new EncodingBuilder();
        new BytePairVocabulary(ids, [], false).Tokenize(new Piece(AlignedText.Original("x🧬é"), 0, 4), builder);
        Assert.Equal([new(0, 1), new(1, 2), new(1, 2), new(1, 2), new(1, 2), new(2, 3), new(2, 3)], builder.Build(0).Offsets);
    }

    private static (Dictionary<string, int> Ids, List<string> Merges) RandomMerges(Random random, bool missingBytes)
    {
        var bytes = Encoding.UTF8.GetBytes(Letters).Distinct().Where(value => !missingBytes || value is not (4 or 0xBA)).ToList();
        var tokens = bytes.Select(value => ByteAlphabet.Of(value).ToString()).ToList();
        var merges = new List<string>();
        while (merges.Count < 60)
        {
            var pool = merges.Count % 4 == 0 ? tokens : [.. tokens.Where(token => token.All(letter => letter is >= 'a' and <= 'd'))];
            string left = pool[random.Next(pool.Count)], right = pool[random.Next(pool.Count)];
            if (tokens.Contains(left + right) || left.Length + right.Length > 8)
                continue;
            tokens.Add(left + right);
            merges.Add($"{left} {right}");
        }

        return (tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id), merges);
    }

    private static string RandomText(Random random, int length)
    {
        var runes = Letters.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, length).Select(_ => runes[random.Next(random.Next(3) == 0 ? runes.Length : 4)].ToString()));
    }

    private static List<string> Naive(string text, Dictionary<string, int> ids, List<string> merges, bool reversed)
    {
        var symbols = Encoding.UTF8.GetBytes(text).Select(value => ByteAlphabet.Of(value).ToString()).Where(ids.ContainsKey).ToList();
        while (true)
        {
            var best = -1;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                var rank = Rank(i);
                if (rank >= 0 && (best < 0 || (reversed ? rank > Rank(best) : rank < Rank(best))))
                    best = i;
            }

            if (best < 0)
                return symbols;
            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }

        int Rank(int i) => merges.IndexOf($"{symbols[i]} {symbols[i + 1]}");
    }
}
