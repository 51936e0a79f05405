using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bft.Research.World;

namespace Bft.Research.Tests.World;

public class MiniWorldTests
{
    private static readonly MiniWorld World = MiniWorld.Load(FactBaseTests.Mini);

    [Fact]
    public void Random_numbers_are_those_of_the_published_generator()
    {
        // First outputs of SplitMix64 for seed 1234567, as printed with the reference implementation.
        WorldRandom rng = new(1234567);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], [rng.Next(), rng.Next(), rng.Next()]);
        Assert.NotEqual(6457827717110365317UL, new WorldRandom(1234568).Next());
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not()
    {
        static string Digest(ulong seed)
        {
            PretrainingCorpus corpus = new(MiniWorld.Load(FactBaseTests.Mini), seed);
            var text = string.Concat(Enumerable.Range(0, 200).Select(i => corpus.Document(i)));
            return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }

        Assert.Equal(Digest(1), Digest(1));
        Assert.NotEqual(Digest(1), Digest(2));
    }

    [Fact]
    public void The_halves_are_disjoint_about_equal_and_no_subject_is_split_within_a_relation()
    {
        var known = World.Of(FactHalf.Known);
        var fresh = World.Of(FactHalf.New);
        Assert.Equal(World.Facts.Count, known.Count + fresh.Count);
        Assert.Empty(known.Select(f => f.Key).Intersect(fresh.Select(f => f.Key)));
        Assert.Equal(World.Facts.Count, World.Facts.Select(f => f.Key).Distinct().Count());
        foreach (var group in World.Facts.Where(f => !f.IsDirection).GroupBy(f => f.Relation))
            Assert.InRange(group.Average(f => f.Half == FactHalf.Known ? 1.0 : 0), 0.25, 0.75);
        Assert.All(World.Facts.Where(f => !f.IsDirection).GroupBy(f => (f.Relation, f.Subject)), g => Assert.Single(g.Select(f => f.Half).Distinct()));
    }

    [Fact]
    public void Biomedical_text_of_one_half_states_no_fact_of_the_other()
    {
        var fresh = Sentences(FactHalf.New).ToHashSet();
        var known = Sentences(FactHalf.Known).ToHashSet();
        var text = Enumerable.Range(0, 800).Select(i => World.Biomedical(3, FactHalf.Known, TextSplit.Train, i).Text).ToList();
        var seen = text.SelectMany(t => t.Split(". ")).Select(s => s.TrimEnd('.')).ToHashSet();
        Assert.Empty(seen.Intersect(fresh));
        Assert.True(seen.Intersect(known).Count() > 150, "the search finds the sentences that should be there");
    }

    [Fact]
    public void Held_out_phrasings_never_occur_in_training_text()
    {
        PretrainingCorpus corpus = new(World, 5);
        var texts = Enumerable.Range(0, 1500).Select(i => corpus.Document(i))
            .Concat(World.FineTuning(FactHalf.New, 5, 2).Select(p => p.ToChatMl()))
            .Concat(Enumerable.Range(0, 500).Select(i => World.Biomedical(5, FactHalf.New, TextSplit.Train, i).Text)).ToList();
        var all = string.Join('\n', texts);
        Assert.True(World.HeldOutTraces.Count >= 24, $"{World.HeldOutTraces.Count} traces");
        Assert.DoesNotContain(World.HeldOutTraces, t => all.Contains(t, StringComparison.OrdinalIgnoreCase));

        var leaked = World.Questions(FactHalf.Known, PhrasingUse.HeldCloze, 5, 400).Select(q => q.Prompt + q.Options[q.Answer]);
        var found = World.HeldOutTraces.Count(t => string.Join('\n', leaked).Contains(t, StringComparison.OrdinalIgnoreCase));
        Assert.True(found >= 10, "the search finds held-out phrasings where they are");
    }

    [Fact]
    public void Spans_point_at_what_they_name()
    {
        var texts = Enumerable.Range(0, 300).Select(i => World.Biomedical(7, FactHalf.Known, TextSplit.HeldOut, i)).ToList();
        texts.AddRange(World.FineTuning(FactHalf.New, 7, 1).Take(300).SelectMany(p => new[] { p.Prompt, p.Response }));
        var spans = texts.SelectMany(t => t.Spans.Select(s => (Text: t, Span: s))).ToList();
        Assert.All(spans, p => Assert.Equal(p.Span.Name, p.Text.Slice(p.Span), ignoreCase: true));
        Assert.All(texts, t => Assert.Equal(t.Spans.OrderBy(s => s.Start), t.Spans));
        Assert.All(texts, t => Assert.All(t.Spans.Zip(t.Spans.Skip(1)), p => Assert.True(p.First.End <= p.Second.Start)));
        Assert.All(Enum.GetValues<SpanKind>(), kind => Assert.Contains(spans, p => p.Span.Kind == kind));
        var shifted = spans.Count(p => p.Text.Slice(p.Span with { Start = p.Span.Start + 1 }) == p.Span.Name);
        Assert.Equal(0, shifted);
    }

    [Fact]
    public void Genes_named_in_text_without_a_span_are_rare()
    {
        var symbols = World.Tables.Genes.Where(g => g.Symbol.Length > 3).Select(g => g.Symbol).ToHashSet();
        int marked = 0, bare = 0;
        for (var i = 0; i < 200; i++)
        {
            var text = World.Biomedical(11, FactHalf.New, TextSplit.Train, i);
            marked += text.Spans.Count(s => symbols.Contains(s.Name));
            bare += text.Text.Split([' ', '.', ',', ';', '(', ')']).Count(symbols.Contains);
        }

        Assert.InRange((double)marked / bare, 0.97, 1.0);
    }

    [Fact]
    public void Questions_have_one_right_option_that_is_true_and_wrong_ones_that_are_not()
    {
        var truths = World.Facts.ToLookup(f => (f.Relation, f.Subject.Text), f => f.Answer);
        foreach (var use in Enum.GetValues<PhrasingUse>())
        {
            var questions = World.Questions(FactHalf.New, use, 1, 500);
            Assert.True(questions.Count >= 300, $"{use}: {questions.Count}");
            foreach (var q in questions)
            {
                Assert.Equal(q.Options.Count, q.Options.Distinct().Count());
                Assert.Equal(q.Fact.IsDirection ? 2 : 4, q.Options.Count);
                var right = q.Options.Select(o => truths[(q.Fact.Relation, q.Fact.Subject.Text)].Any(t => o.TrimEnd('.').EndsWith(t, StringComparison.Ordinal) && !q.Fact.IsDirection || o.Trim() == q.Fact.Answer + ".")).ToList();
                Assert.True(right[q.Answer]);
                Assert.Equal(q.HeldOutPhrasing, use is PhrasingUse.HeldCloze or PhrasingUse.HeldQuestion);
                Assert.False(q.Prompt.EndsWith(' '));
            }

            Assert.InRange(questions.Average(q => q.Answer == 0 ? 1.0 : 0), 0.15, 0.45);
        }
    }

    [Fact]
    public void Directions_follow_the_rule_of_signs()
    {
        Fact? Of(Relation relation, string subject, string target) =>
            World.Facts.SingleOrDefault(f => f.Relation == relation && f.Subject.Text == subject && f.Object.Text == target);

        Assert.Equal("up", Of(Relation.KnockDown, "MDM2", "TP53")!.Answer); // MDM2 represses TP53
        Assert.Equal("down", Of(Relation.KnockDown, "CASP8", "BID")!.Answer); // CASP8 activates BID
        Assert.Equal("up", Of(Relation.OverExpression, "CASP8", "BID")!.Answer);
        Assert.Equal("up", Of(Relation.KnockDown, "VHL", "VEGFA")!.Answer); // −1 · −1 · +1, two steps
        Assert.Equal(2, Of(Relation.KnockDown, "VHL", "VEGFA")!.Steps);
        Assert.Equal("down", Of(Relation.Treatment, "vemurafenib", "BRAF")!.Answer);
        Assert.Equal("down", Of(Relation.Treatment, "vemurafenib", "MAP2K1")!.Answer);
        Assert.Equal("up", Of(Relation.Treatment, "tretinoin", "CYP26A1")!.Answer);
        Assert.Null(Of(Relation.KnockDown, "MTOR", "MTOR"));
        Assert.DoesNotContain(World.Facts, f => f.Relation == Relation.Treatment && f.Subject.Text == "rituximab");

        var wrong = World.Facts.Where(f => f.Relation == Relation.KnockDown && f.Steps == 1)
            .Count(f => f.Sign == World.Tables.Regulations.Single(r => r.Regulator == f.Subject.Text && r.Target == f.Object.Text).Sign);
        Assert.Equal(0, wrong); // knock-down never has the sign of the regulation itself
    }

    [Fact]
    public void Fine_tuning_pairs_teach_every_new_fact_as_often_as_asked_and_are_messages()
    {
        var pairs = World.FineTuning(FactHalf.New, 1, 3);
        var expected = World.Of(FactHalf.New).Where(f => f.Steps == 1).Select(f => f.Key).ToHashSet();
        Assert.Equal(expected.Count * 3, pairs.Count);
        Assert.All(pairs.GroupBy(p => p.Fact!.Key), g => Assert.Equal(3, g.Count()));
        Assert.Equal(expected, pairs.Select(p => p.Fact!.Key).ToHashSet());
        Assert.All(pairs, p => Assert.Contains(p.Fact!.Answer, p.Response.Text, StringComparison.OrdinalIgnoreCase));
        var messages = JsonDocument.Parse(pairs[0].ToJson()).RootElement.GetProperty("messages");
        Assert.Equal(["user", "assistant"], messages.EnumerateArray().Select(m => m.GetProperty("role").GetString()));
        var inferred = World.Facts.First(f => f.Steps == 2);
        Assert.Contains("2 steps", Assert.Throws<ArgumentException>(() => World.Ask(inferred, 1, 0)).Message);
    }

    [Fact]
    public void General_text_holds_no_entity_and_repeats_itself_seldom()
    {
        var texts = Enumerable.Range(0, 400).Select(i => World.General(1, TextSplit.Train, i)).ToList();
        Assert.All(texts, t => Assert.Empty(t.Spans));
        Assert.Equal(400, texts.Select(t => t.Text).Distinct().Count());
        Assert.Empty(texts.Select(t => t.Text).Intersect(Enumerable.Range(0, 400).Select(i => World.General(1, TextSplit.HeldOut, i).Text)));
        Assert.All(texts, t => Assert.DoesNotContain('{', t.Text));
        Assert.All(texts, t => Assert.Matches("^[A-Z].*[.]$", t.Text));
    }

    private static IEnumerable<string> Sentences(FactHalf half) =>
        World.Of(half).Where(f => f.Relation is Relation.GeneBand).Select(f => $"{f.Subject.Text} maps to {f.Answer}")
            .Concat(World.Of(half).Where(f => f.Relation is Relation.GeneProcess).Select(f => $"{f.Subject.Text} takes part in {f.Answer}"))
            .Concat(World.Of(half).Where(f => f.Relation is Relation.GeneName).Select(f => $"{f.Subject.Text} stands for {f.Answer}"));
}
