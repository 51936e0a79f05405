using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Verification.Templates;

/// <summary>Kinds <c>template</c> and <c>template-mask</c>: rendered conversations, their ids, and which tokens the assistant says.</summary>
internal sealed class TemplateRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind is "template" or "template-mask";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        if (golden.Kind == "template")
            CompareText(golden, compare, context);
        else if (golden.Input("method").Text() == "generation-tags")
            CompareSpans(golden, compare, context);
        else
            ComparePrefixes(golden, compare, context);
    }

    private static ChatTemplate Template(GoldenCase golden, VerificationContext context)
    {
        var path = context.Resolve(golden, golden.Input("template").Text());
        var variables = golden.Input("variables").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.Text());
        return ChatTemplate.Parse(File.ReadAllText(path), variables);
    }

    private static HfTokenizer Tokenizer(GoldenCase golden, VerificationContext context)
    {
        var path = context.Resolve(golden, golden.Input("tokenizer").Text());
        return context.Cached($"tokenizer:{path}", () => HfTokenizer.Load(path));
    }

    private static void CompareText(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var options = new ChatTemplateOptions
        {
            AddGenerationPrompt = golden.OptionalInput("add_generation_prompt")?.GetBoolean() ?? false,
            ContinueFinalMessage = golden.OptionalInput("continue_final_message")?.GetBoolean() ?? false,
            Tools = golden.OptionalInput("tools"),
        };
        JinjaRunner.Compare(golden, compare, () =>
        {
            var text = Template(golden, context).Render(golden.Input("messages"), options).Text;
            if (golden.OptionalExpect("ids") is { } ids)
                compare.ExactSequence("ids", ids.Integers(), Tokenizer(golden, context).Encode(text, addSpecialTokens: false).Ids.Select(id => (long)id));
            return text;
        });
    }

    private static void CompareSpans(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var rendered = Template(golden, context).Render(golden.Input("messages"), new ChatTemplateOptions());
        var tokenizer = Tokenizer(golden, context);
        var encoding = tokenizer.Encode(rendered.Text, addSpecialTokens: false);
        var turns = AssistantTurns.BySpans(encoding.Offsets, rendered.GenerationSpans);
        compare.ExactSequence("ids", golden.Expect("ids").Integers(), encoding.Ids.Select(id => (long)id));
        compare.ExactSequence("char_spans", golden.Expect("char_spans").Integers(), rendered.GenerationSpans.SelectMany(span => new long[] { span.Start, span.End }));
        CompareMask(golden, compare, turns);
        compare.ExactSequence("masked_text", golden.Expect("masked_text").Strings(), Runs(turns).Select(run => tokenizer.Decode(encoding.Ids[run])));
    }

    private static void ComparePrefixes(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var (template, tokenizer) = (Template(golden, context), Tokenizer(golden, context));
        JsonElement[] messages = [.. golden.Input("messages").EnumerateArray()];
        int[] Render(int count, bool prompt)
        {
            var part = JsonSerializer.SerializeToElement(messages.Take(count));
            return tokenizer.Encode(template.Render(part, new ChatTemplateOptions { AddGenerationPrompt = prompt }).Text, addSpecialTokens: false).Ids;
        }

        var ids = Render(messages.Length, false);
        bool[] assistant = [.. messages.Select(message => message.GetProperty("role").GetString() == ChatMessage.Assistant)];
        var mismatch = AssistantTurns.ByPrefix(ids, assistant, Render, out var turns);
        compare.ExactSequence("ids", golden.Expect("ids").Integers(), ids.Select(id => (long)id));
        compare.Exact("error", golden.OptionalExpect("error")?.Text(), mismatch is null ? null : "prefix-mismatch");
        if (mismatch is null && golden.OptionalExpect("mask") is not null)
            CompareMask(golden, compare, turns);
    }

    private static void CompareMask(GoldenCase golden, Comparison compare, int[] turns) =>
        compare.ExactSequence("mask", golden.Expect("mask").Integers(), turns.Select(turn => turn < 0 ? 0L : 1));

    private static IEnumerable<Range> Runs(int[] turns)
    {
        for (int start = 0, end; start < turns.Length; start = end)
        {
            end = start + 1;
            while (end < turns.Length && turns[end] < 0 == turns[start] < 0)
                end++;
            if (turns[start] >= 0)
                yield return start..end;
        }
    }
}
