using Bft.Research.World;

namespace Bft.Research.Tests.World;

public class GrammarTests
{
    [Theory]
    [InlineData("a = one {b}\n", "line 1, a: expected slots that are rules or x, actual \"b\".")]
    [InlineData("# note\n\na = one {b\n", "line 3, a: expected a closing bracket after \"{b\".")]
    [InlineData("a: one\n", "line 1, rule: expected \"name = template\", actual \"a: one\".")]
    [InlineData("a = [one|[two]]\n", "line 1, a: expected no bracket inside a choice, actual \"one|[two\".")]
    public void A_wrong_grammar_is_refused_with_file_line_and_rule(string text, string message)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var error = Assert.Throws<WorldDataException>(() => Grammar.Read(path, "x"));
        Assert.Equal($"{path}, {message}", error.Message);
        File.Delete(path);
    }

    [Fact]
    public void Slots_are_filled_bound_capitalised_chosen_and_marked()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "who = ann\nwho = bob\ncausal.so = hence\ns = {^@who}, {@who}: {causal.so} [yes|no] \u00e9\U0001F9EC {x}.\n");
        var grammar = Grammar.Read(path, "x");
        var texts = Enumerable.Range(0, 40).Select(i =>
        {
            AnnotatedTextBuilder sink = new();
            WorldRandom rng = new((ulong)i);
            grammar.Rule("s")[0].Expand(new(rng, grammar, new Dictionary<string, Mention> { ["x"] = new("TP53", SpanKind.Gene) }), sink);
            return sink.Build();
        }).ToList();
        Assert.All(texts, t => Assert.Matches("^(Ann, ann|Bob, bob): hence (yes|no) \u00e9\U0001F9EC TP53[.]$", t.Text));
        Assert.True(texts.Select(t => t.Text).Distinct().Count() == 4, "both names and both choices occur");
        Assert.All(texts, t => Assert.Equal(["hence", "TP53"], t.Spans.Select(t.Slice)));
        // Counted in UTF-16 units the gene would start one later: the helix is one code point and two units.
        Assert.All(texts, t => Assert.Equal(t.Text.IndexOf("TP53", StringComparison.Ordinal) - 1, t.Spans[1].Start));
        Assert.False(texts[0].Spans[0].IsEntity);
        File.Delete(path);
    }
}
