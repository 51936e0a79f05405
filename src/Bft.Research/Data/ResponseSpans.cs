using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Finds where responses stand in a rendered conversation, in code points.</summary>
internal static class ResponseSpans
{
    /// <summary>A text that no template and no row holds, from Unicode's private use area.</summary>
    private const string Replacement = "\uE0F0\uE0F1\uE0F2";

    /// <summary>The spans of a conversation, one for each assistant turn in order.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="whole">Its rendering.</param>
    /// <param name="chat">The renderer.</param>
    /// <param name="byTags">Whether the template's generation tags say, or the difference between renderings.</param>
    /// <exception cref="DataFileException">The rendering does not show where a response is.</exception>
    public static TokenOffset[] Of(Conversation conversation, RenderedChat whole, IChatRenderer chat, bool byTags)
    {
        int[] turns = [.. Enumerable.Range(0, conversation.Messages.Count).Where(i => conversation.Messages[i].Role == ChatMessage.Assistant)];
        TokenOffset[] spans = byTags ? [.. whole.GenerationSpans] : [.. turns.Select(turn => ByDifference(conversation, turn, whole.Text, chat))];
        if (spans.Length != turns.Length && spans.Length > 0)
            throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, "messages", $"{turns.Length} spans that the template marks as generated", $"{spans.Length}");
        var length = PyText.Length(whole.Text);
        if (spans.Any(span => span.End > length))
            throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, "messages", $"spans inside the text of {length} code points", $"one that ends at {spans.Max(span => span.End)}");
        for (var i = 0; i < spans.Length; i++)
            if (conversation.Messages[turns[i]].ToolCalls is { } calls && Text(whole.Text, spans[i]) is var text && ToolCalls.Names(calls).FirstOrDefault(name => !text.Contains(name, StringComparison.Ordinal)) is { } missing)
                throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, conversation.Field(turns[i]), $"a template that renders the call of {missing}", "one that leaves it out");
        return spans;
    }

    private static TokenOffset ByDifference(Conversation conversation, int turn, string whole, IChatRenderer chat)
    {
        string before = Render(turn, prompt: true), after = Render(turn + 1, prompt: false);
        if (after.StartsWith(before, StringComparison.Ordinal) && whole.StartsWith(after, StringComparison.Ordinal))
            return new(PyText.Length(before), PyText.Length(after));
        return ByReplacement(conversation, turn, whole, chat)
            ?? throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, conversation.Field(turn), "a rendering that continues the one of the turns before it, or holds the response as it is",
                $"another text from character {whole.AsSpan().CommonPrefixLength(before) + 1} on (a template with generation tags can say where responses are)");

        string Render(int count, bool prompt) => chat.Render([.. conversation.Messages.Take(count)], prompt, conversation.Tools).Text;
    }

    /// <summary>The part of the rendering that changes with the response, if it is text of the response.</summary>
    private static TokenOffset? ByReplacement(Conversation conversation, int turn, string whole, IChatRenderer chat)
    {
        ChatMessage[] replaced = [.. conversation.Messages];
        replaced[turn] = replaced[turn] with { Content = Replacement };
        var other = chat.Render(replaced, false, conversation.Tools).Text;
        var start = whole.AsSpan().CommonPrefixLength(other);
        var end = 0;
        while (end < Math.Min(whole.Length, other.Length) - start && whole[^(end + 1)] == other[^(end + 1)])
            end++;
        var text = whole[start..^end];
        return other[start..^end] == Replacement && text.Length > 0 && conversation.Messages[turn].Content.Contains(text, StringComparison.Ordinal)
            ? new(PyText.Length(whole[..start]), PyText.Length(whole[..^end]))
            : null;
    }

    private static string Text(string whole, TokenOffset span) => whole[PyText.Utf16Index(whole, span.Start)..PyText.Utf16Index(whole, span.End)];
}
