using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;
using Bft.Tests;
using static Bft.Research.Tests.Data.ChatTokenizer;

namespace Bft.Research.Tests.Data;

/// <summary>What is taught of a conversation, by template and options, as text.</summary>
public class ResponseMaskTests
{
    private static readonly Conversation TwoTurns = Talk("Name a gene.", "TP53", "Another?", "BRCA1");

    private static readonly Conversation Thinking = Talk("Name a gene.", "<think>\na gene\n</think>\n\nTP53", "Another?", "<think>\nBe short\n</think>\n\nBRCA1");

    [Theory]
    [InlineData(nameof(Tagged), "")]
    [InlineData(nameof(EndOutside), "")]
    [InlineData(nameof(Untagged), "\n")] // all that the turn adds
    public void The_end_of_a_turn_is_taught_also_where_the_tags_stop_before_it(string template, string after)
    {
        var example = Build(Named(template), TwoTurns);
        Assert.Equal([$"TP53<|im_end|>{after}", $"BRCA1<|im_end|>{after}"], Taught(example));
        Assert.Equal(["<|im_end|>", "<|im_end|>"], example.Ends.Select(end => Tokenizer.IdToToken(example.Ids[end])));
        Assert.Empty(example.Remarks);
        Assert.Equal(["TP53", "BRCA1"], Taught(Build(Named(template), TwoTurns, new() { TeachEnd = false })));
        // The wrong variant: the tags as they are, which leave the end out.
        var tags = EndOutside.Render(TwoTurns.Messages, false);
        Assert.DoesNotContain("<|im_end|>", tags.GenerationSpans.Select(span => string.Concat(tags.Text.EnumerateRunes().Skip(span.Start).Take(span.End - span.Start))));
    }

    [Fact]
    public void A_turn_that_nothing_ends_is_remarked()
    {
        var example = Build(Endless, TwoTurns);
        Assert.Equal(["A: TP53\n", "A: BRCA1\n"], Taught(example));
        Assert.Equal([-1, -1], example.Ends);
        var remark = Assert.Single(example.Remarks);
        Assert.Equal(DataProblem.EndNotTaught, remark.Problem);
        Assert.Equal("x.jsonl:3: messages[1]: expected a special token that ends the turn, actual none behind it.", remark.Message);
        Assert.Throws<DataFileException>(() => Build(Endless, TwoTurns, new() { Policies = new() { EndNotTaught = RowPolicy.Refuse } }));
    }

    [Fact]
    public void The_next_turns_opening_is_not_taken_for_an_end()
    {
        var between = ChatTemplate.Parse("{% for m in messages %}{{ '<|im_start|>' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        Assert.Equal(["TP53", "BRCA1"], Taught(Build(between, TwoTurns)));
    }

    [Fact]
    public void Turns_are_chosen_by_option_and_by_the_row()
    {
        Assert.Equal(["BRCA1<|im_end|>"], Taught(Build(Tagged, TwoTurns, new() { Teach = TaughtPart.LastResponse })));
        Assert.Equal(["TP53<|im_end|>"], Taught(Build(Tagged, TwoTurns with { Taught = [null, null, null, false] })));
        Assert.Equal(["TP53<|im_end|>", "BRCA1<|im_end|>"], Taught(Build(Tagged, TwoTurns with { Taught = [null, true, null, null] }, new() { Teach = TaughtPart.LastResponse })));
        var whole = Build(Tagged, TwoTurns, new() { Teach = TaughtPart.WholeText });
        Assert.Equal(whole.Length - 1, whole.Supervised);
        Assert.Equal(2, whole.Ends.Count(end => end >= 0));
        Assert.Throws<DataFileException>(() => Build(Tagged, TwoTurns with { Taught = [null, false, null, false] }));
    }

    [Theory]
    [InlineData(ReasoningMask.Teach, "<think>\na gene\n</think>\n\nTP53<|im_end|>", "<think>\nBe short\n</think>\n\nBRCA1<|im_end|>")]
    [InlineData(ReasoningMask.Mask, "<think>", "</think>\n\nTP53<|im_end|>", "<think>", "</think>\n\nBRCA1<|im_end|>")]
    [InlineData(ReasoningMask.OnlyAfter, "\n\nTP53<|im_end|>", "\n\nBRCA1<|im_end|>")]
    public void Reasoning_is_taught_or_left_out(ReasoningMask reasoning, params string[] taught)
    {
        var example = Build(Tagged, Thinking, new() { Reasoning = reasoning });
        Assert.Equal(string.Concat(taught), string.Concat(Taught(example)), ignoreAllWhiteSpace: true); // a line break may share a token with a tag
        Assert.Equal(2, example.Ends.Count(end => end >= 0));
    }

    [Fact]
    public void Reasoning_that_began_in_the_prompt_or_does_not_end_is_known()
    {
        var begun = Talk("Name a gene.", "a gene\n</think>TP53");
        Assert.Equal(["TP53<|im_end|>"], Taught(Build(Tagged, begun, new() { Reasoning = ReasoningMask.OnlyAfter })));
        Assert.Equal(["</think>TP53<|im_end|>"], Taught(Build(Tagged, begun, new() { Reasoning = ReasoningMask.Mask })));
        var open = Talk("Name a gene.", "TP53 <think>a gene");
        Assert.Equal(DataProblem.UnclosedReasoning, Assert.Single(Build(Tagged, open).Remarks).Problem);
        Assert.Equal(["TP53 <think>"], Taught(Build(Tagged, open, new() { Reasoning = ReasoningMask.Mask })));
        Assert.Equal(DataProblem.NothingToLearn, Assert.Throws<DataFileException>(() => Build(Tagged, open, new() { Reasoning = ReasoningMask.OnlyAfter })).Problem);
    }

    [Fact]
    public void Of_a_template_that_forgets_earlier_reasoning_the_responses_are_still_found()
    {
        var example = Build(Forgetful, Thinking);
        Assert.Equal(["TP53<|im_end|>", "<think>\nBe short\n</think>\n\nBRCA1<|im_end|>\n"], Taught(example));
        Assert.Equal(["TP53<|im_end|>", "<think>\n\n</think>\n\nBRCA1<|im_end|>\n"], Taught(Build(Forgetful, TwoTurns))); // what the model has to say itself
    }

    [Fact]
    public void Tokens_across_the_border_of_a_response_are_taught_and_remarked()
    {
        var close = ChatTemplate.Parse("{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        var example = Build(close, Talk("Name a ge", "ne."));
        var remark = Assert.Single(example.Remarks);
        Assert.Equal(DataProblem.BoundaryMerge, remark.Problem);
        Assert.Matches("^x.jsonl:3: messages\\[1\\]: expected the tokens of the prompt alone before the response, actual the token '.*gene' across the border\\.$", remark.Message);
        Assert.EndsWith("gene.<|im_end|>", Taught(example)[0]);
        Assert.Empty(Build(Tagged, Talk("Name a ge", "ne.")).Remarks); // a line break is between them
        // The border falls between two tokens, and yet the prompt alone has others: its last spaces are one token, in the row the last of them belongs to the word.
        var spaces = Build(close, Talk("Name a   ", "gene"));
        Assert.Equal(DataProblem.BoundaryMerge, Assert.Single(spaces.Remarks).Problem);
    }

    [Fact]
    public void A_cut_through_a_response_is_told_from_a_cut_through_a_prompt()
    {
        var whole = Build(Tagged, TwoTurns);
        var inResponse = Build(Tagged, TwoTurns, new() { Cutoff = whole.Length - 2 });
        Assert.Equal([DataProblem.TooLong, DataProblem.TruncatedEnd], inResponse.Remarks.Select(remark => remark.Problem));
        Assert.Equal(-1, inResponse.Ends[1]);
        var inPrompt = Build(Tagged, TwoTurns, new() { Cutoff = whole.Ends[0] + 3 });
        Assert.Equal([DataProblem.TooLong], inPrompt.Remarks.Select(remark => remark.Problem));
        Assert.Equal(whole.Ends[0], Assert.Single(inPrompt.Ends));
        Assert.Throws<DataFileException>(() => Build(Tagged, TwoTurns, new() { Cutoff = whole.Length - 2, Policies = new() { TruncatedEnd = RowPolicy.Refuse } }));
    }

    [Fact]
    public void Special_tokens_in_a_text_are_remarked()
    {
        var example = Build(Tagged, Talk("What is <|im_end|>?", "TP53"));
        Assert.Equal("x.jsonl:3: messages[0]: expected text without special tokens of the tokenizer, actual <|im_end|>.", Assert.Single(example.Remarks).Message);
    }

    [Fact]
    public void Calls_of_tools_are_taught_and_a_template_without_them_is_refused()
    {
        var calls = JsonSerializer.SerializeToElement(new[] { new { type = "function", function = new { name = "find", arguments = new { gene = "TP53" } } } });
        var talk = Talk("Name a gene.", "", "", "TP53") with { };
        ChatMessage[] messages = [talk.Messages[0], talk.Messages[1] with { ToolCalls = calls }, new("tool", "found"), talk.Messages[3]];
        var withTools = talk with { Messages = messages, Tools = JsonSerializer.SerializeToElement(new[] { new { name = "find" } }) };
        var template = ChatTemplate.Parse("{% for t in tools or [] %}{{ t.name + '\\n' }}{% endfor %}{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content }}{% for c in m.tool_calls or [] %}{{ c.function.name ~ ' ' ~ (c.function.arguments | tojson) }}{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}");
        var example = Build(template, withTools);
        Assert.Equal(["find {\"gene\": \"TP53\"}<|im_end|>\n", "TP53<|im_end|>\n"], Taught(example));
        Assert.StartsWith("find\n<|im_start|>", Tokenizer.Decode(example.Ids));
        var error = Assert.Throws<DataFileException>(() => Build(Untagged, withTools));
        Assert.Contains("expected a template that renders the call of find, actual one that leaves it out", error.Message);
    }

    /// <summary>The masks of the tokens of real families; what is taught is the response and its end, whatever the template adds around them.</summary>
    [Theory]
    [InlineData("smollm2")]
    [InlineData("qwen2")]
    [InlineData("chatml")]
    [InlineData("chatml-end-outside")]
    public void Templates_of_model_families_teach_the_response_and_its_end(string family)
    {
        var template = ChatTemplate.Parse(File.ReadAllText(SharedFolder.Require("golden", "templates", family, "chat_template.jinja")));
        var tokenizer = HfTokenizer.Load(SharedFolder.Require("data", "tokenizers", "qwen2"));
        var example = new ExampleBuilder(tokenizer, template).FromConversation(TwoTurns);
        var taught = example.Ids.Where((_, t) => example.Labels[t] != NextToken.Ignored);
        Assert.Equal("TP53<|im_end|>BRCA1<|im_end|>", tokenizer.Decode(taught).Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal(2, example.Ends.Count(end => end >= 0));
    }

    private static Conversation Talk(params string[] turns) => new([.. turns.Select((text, i) => new ChatMessage(i % 2 == 0 ? "user" : "assistant", text))], "x.jsonl:3");

    private static ChatTemplate Named(string name) => name switch { nameof(Tagged) => Tagged, nameof(EndOutside) => EndOutside, _ => Untagged };

    private static TokenizedExample Build(IChatRenderer chat, Conversation conversation, RowOptions? options = null) => new ExampleBuilder(Tokenizer, chat, options).FromConversation(conversation);
}
