using System.Text.Json;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;

namespace Bft.Research.Tests.Templates;

public class ChatTemplateTests
{
    private const string Marked =
        "{% for m in messages %}{{ bos_token }}{{ m.role }}:{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %};{% endfor %}"
        + "{% if add_generation_prompt %}assistant:{% endif %}";

    private static readonly ChatMessage[] s_messages = [new("user", "😀"), new("assistant", "b"), new("user", "c"), new("assistant", "")];

    [Fact]
    public void Generation_spans_count_code_points()
    {
        var rendered = ChatTemplate.Parse(Marked).Render(s_messages, addGenerationPrompt: true);
        Assert.Equal("user:😀;assistant:b;user:c;assistant:;assistant:", rendered.Text);
        Assert.Equal([new TokenOffset(17, 18), new TokenOffset(36, 36)], rendered.GenerationSpans);
        Assert.NotEqual(rendered.Text.IndexOf('b'), rendered.GenerationSpans[0].Start); // the wrong variant: UTF-16 units
    }

    [Fact]
    public void A_null_field_is_dropped_and_an_empty_conversation_refused()
    {
        using var messages = JsonDocument.Parse("""[{"role": "user", "content": null}]""");
        Assert.Equal("user:;", ChatTemplate.Parse(Marked).Render(messages.RootElement, new()).Text);
        var concatenating = ChatTemplate.Parse("{{ 'x' + messages[0].content }}");
        Assert.Equal("UndefinedError", Assert.Throws<TemplateException>(() => concatenating.Render(messages.RootElement, new())).ErrorClass);
        Assert.Equal("ValueError", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(Marked).Render([], false)).ErrorClass);
    }

    [Theory]
    [InlineData("{% for m in messages %}{{ m.content }}<end>{% endfor %}", "a<end>b ")]
    [InlineData("{% for m in messages %}{{ m.content | trim }}<end>{% endfor %}", "a<end>b")]
    public void A_final_message_can_be_continued(string template, string expected)
    {
        ChatMessage[] messages = [new("user", "a"), new("assistant", "b ")];
        Assert.Equal(expected, ChatTemplate.Parse(template).Render(messages, new ChatTemplateOptions { ContinueFinalMessage = true }).Text);
        var hidden = ChatTemplate.Parse("nothing");
        Assert.Equal("ValueError", Assert.Throws<TemplateException>(() => hidden.Render(messages, new ChatTemplateOptions { ContinueFinalMessage = true })).ErrorClass);
        Assert.Throws<ArgumentException>(() => hidden.Render(messages, new ChatTemplateOptions { ContinueFinalMessage = true, AddGenerationPrompt = true }));
    }

    [Fact]
    public void A_folder_gives_template_and_special_tokens()
    {
        using var folder = new ScratchFolder();
        Assert.Contains("chat_template", Assert.Throws<TokenizerException>(() => ChatTemplate.Load(folder.Path)).Message);
        File.WriteAllText(folder["tokenizer_config.json"], """
            {"bos_token": {"content": "<s>"}, "eos_token": null,
             "chat_template": [{"name": "default", "template": "{{ bos_token }}{{ eos_token }}{{ messages[0].content }}"}, {"name": "tool_use", "template": "{{ tools | length }}"}]}
            """);
        var several = ChatTemplate.Load(folder.Path);
        Assert.Equal("<s>hi", several.Render([new("user", "hi")], false).Text);
        using var tools = JsonDocument.Parse("[{}, {}]");
        Assert.Equal("2", several.Render([new("user", "hi")], new ChatTemplateOptions { Tools = tools.RootElement }).Text);
        Assert.Equal("0", several.Render([new("user", "hi")], new ChatTemplateOptions { TemplateName = "tool_use", Tools = JsonDocument.Parse("[]").RootElement }).Text);
        File.WriteAllText(folder["chat_template.jinja"], "{{ bos_token }}!");
        Assert.Equal("<s>!", ChatTemplate.Load(folder.Path).Render([new("user", "hi")], false).Text);
    }

    [Fact]
    public void Variables_and_the_clock_come_from_the_options()
    {
        var options = new ChatTemplateOptions { Variables = new Dictionary<string, JsonElement> { ["enable_thinking"] = JsonDocument.Parse("false").RootElement }, Time = new Clock() };
        Assert.Equal("False 05 Mar 2031 5", ChatTemplate.Parse("{{ enable_thinking }} {{ strftime_now('%d %b %Y %-d') }}").Render([new("user", "x")], options).Text);
    }

    [Fact]
    public void A_token_belongs_to_the_span_it_overlaps()
    {
        TokenOffset[] offsets = [new(0, 2), new(2, 5), new(5, 6), new(6, 8)];
        Assert.Equal([-1, 0, 0, -1], AssistantTurns.BySpans(offsets, [new(4, 6)]));
        Assert.Equal([-1, -1, -1, -1], AssistantTurns.BySpans(offsets, [new(4, 4)])); // inside a token, but empty
        Assert.NotEqual([-1, -1, 0, -1], AssistantTurns.BySpans(offsets, [new(4, 6)])); // the wrong variant: tokens that begin in the span
    }

    [Fact]
    public void A_rendering_that_does_not_continue_the_one_before_is_told()
    {
        int[] ids = [1, 2, 3, 4];
        Assert.Null(AssistantTurns.ByPrefix(ids, [false, true], (count, prompt) => prompt ? [1, 2] : ids, out var turns));
        Assert.Equal([-1, -1, 0, 0], turns);
        Assert.Equal((1, 1), AssistantTurns.ByPrefix(ids, [false, true], (count, prompt) => prompt ? [1, 9] : ids, out _));
    }

    private sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2031, 3, 5, 1, 2, 3, TimeSpan.Zero);
    }
}
