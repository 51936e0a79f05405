using System.Text;
using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;
using static Bft.Research.Tests.Data.ChatTokenizer;

namespace Bft.Research.Tests.Data;

public class ExampleBuilderTests
{
    private static readonly Conversation TwoTurns = new(
        [new("system", "Be short."), new("user", "Name a gene."), new("assistant", "TP53"), new("user", "Another?"), new("assistant", "BRCA1 🧬")], "x.jsonl:3");

    [Theory]
    [InlineData(Supervision.GenerationTags)]
    [InlineData(Supervision.PrefixDifference)]
    public void Only_responses_are_supervised_and_turns_are_numbered(Supervision supervision)
    {
        var example = new ExampleBuilder(Tokenizer, new ChatMl(), new() { Supervision = supervision }).FromConversation(TwoTurns);
        var after = supervision == Supervision.PrefixDifference ? "\n" : ""; // the prefix rule takes all that the turn adds
        Assert.Equal($"TP53<|im_end|>{after}", Text(example, 0));
        Assert.Equal($"BRCA1 🧬<|im_end|>{after}", Text(example, 1));
        Assert.All(example.Labels.Zip(example.Turns!), pair => Assert.Equal(pair.Second < 0, pair.First == NextToken.Ignored));
    }

    [Fact]
    public void Spans_in_string_units_would_supervise_the_wrong_tokens()
    {
        var emojiFirst = new Conversation([new("user", "🧬"), new("assistant", "TP53")], "x:1");
        var right = new ExampleBuilder(Tokenizer, new ChatMl()).FromConversation(emojiFirst);
        var wrong = new ExampleBuilder(Tokenizer, new ChatMl { CountUnits = true }).FromConversation(emojiFirst);
        Assert.Equal("TP53<|im_end|>", Text(right, 0));
        Assert.NotEqual("TP53<|im_end|>", Text(wrong, 0));
    }

    [Fact]
    public void A_template_that_rewrites_earlier_turns_is_refused_by_the_prefix_rule()
    {
        var builder = new ExampleBuilder(Tokenizer, new ChatMl { ForgetsEarlierTurns = true }, new() { Supervision = Supervision.PrefixDifference });
        var error = Assert.Throws<DataFileException>(() => builder.FromConversation(TwoTurns));
        Assert.Contains("messages[2]: expected a rendering that continues", error.Message);
        Assert.Equal(DataProblem.TemplateMismatch, error.Problem);
    }

    [Fact]
    public void A_template_in_jinja_gives_what_the_hand_written_one_gives()
    {
        var template = ChatTemplate.Parse("""
            {% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
            """);
        var ours = new ExampleBuilder(Tokenizer, new ChatMl()).FromConversation(TwoTurns);
        var theirs = new ExampleBuilder(Tokenizer, template).FromConversation(TwoTurns);
        Assert.Equal(ours.Ids, theirs.Ids);
        Assert.Equal(ours.Labels, theirs.Labels);
        Assert.Equal(ours.Turns!, theirs.Turns!);
    }

    [Fact]
    public void A_template_without_tags_leaves_nothing_to_learn_and_says_so()
    {
        var refusing = new ExampleBuilder(Tokenizer, new ChatMl { Marks = false }, new() { Supervision = Supervision.GenerationTags });
        Assert.Equal(DataProblem.NothingToLearn, Assert.Throws<DataFileException>(() => refusing.FromConversation(TwoTurns)).Problem);
        var skipping = new ExampleBuilder(Tokenizer, new ChatMl { Marks = false }, new() { Supervision = Supervision.GenerationTags, Policies = RowPolicies.SkipUnusable });
        Assert.Empty(skipping.FromConversations([TwoTurns]));
        Assert.Equal(1, skipping.Report.Skipped[DataProblem.NothingToLearn]);
    }

    [Fact]
    public void Long_rows_are_cut_and_counted_or_refused()
    {
        var whole = new ExampleBuilder(Tokenizer, new ChatMl()).FromConversation(TwoTurns);
        var cutting = new ExampleBuilder(Tokenizer, new ChatMl(), new() { Cutoff = whole.Length - 3 });
        var cut = Assert.Single(cutting.FromConversations([TwoTurns]));
        Assert.Equal(whole.Ids[..^3], cut.Ids);
        Assert.Equal(1, cutting.Report.Warned[DataProblem.TooLong]);
        var refusing = new ExampleBuilder(Tokenizer, new ChatMl(), new() { Cutoff = whole.Length - 3, Policies = new() { TooLong = RowPolicy.Refuse } });
        var error = Assert.Throws<DataFileException>(() => refusing.FromConversation(TwoTurns));
        Assert.Contains($"x.jsonl:3: tokens: expected at most {whole.Length - 3}, actual {whole.Length}", error.Message);
    }

    [Fact]
    public void Plain_text_supervises_the_response_or_everything()
    {
        var builder = new ExampleBuilder(Tokenizer);
        var prompted = builder.FromPrompt("Name a gene:", " TP53", "p:1");
        Assert.Equal(" TP53<|im_end|>", Text(prompted, 0));
        var text = builder.FromText("Name a gene", "t:1");
        Assert.Equal("Name a gene<|im_end|>", Text(text, 0));
        Assert.Equal(text.Length - 1, text.Supervised);
        Assert.Throws<DataFileException>(() => new ExampleBuilder(Tokenizer, null, new() { TeachEnd = false }).FromText("", "t:2"));
        Assert.Throws<ArgumentException>(() => new ExampleBuilder(Tokenizer, null, new() { Cutoff = 1 }));
    }

    private static string Text(TokenizedExample example, int turn) =>
        Tokenizer.Decode(example.Ids.Where((_, i) => example.Turns![i] == turn));

    /// <summary>ChatML written out by hand, with the mistakes that the builder must notice.</summary>
    private sealed class ChatMl : IChatRenderer
    {
        public bool CountUnits { get; init; }

        public bool ForgetsEarlierTurns { get; init; }

        public bool Marks { get; init; } = true;

        public RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
        {
            var text = new StringBuilder();
            var spans = new List<TokenOffset>();
            for (var i = 0; i < messages.Count; i++)
            {
                var (role, content) = messages[i];
                var start = text.Append($"<|im_start|>{role}\n").ToString();
                text.Append(ForgetsEarlierTurns && role == "assistant" && i < messages.Count - 1 ? "..." : content).Append("<|im_end|>");
                if (role == "assistant" && Marks)
                    spans.Add(new(Count(start), Count(text.ToString())));
                text.Append('\n');
            }

            if (addGenerationPrompt)
                text.Append("<|im_start|>assistant\n");
            return new(text.ToString(), spans);
        }

        private int Count(string text) => CountUnits ? text.Length : text.EnumerateRunes().Count();
    }
}
