using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Decides for every token of a rendered conversation whether it is taught: by places in the text, never by ids.</summary>
/// <remarks>A token is taught when it overlaps text that is; a token is left out only when all of its text is.</remarks>
/// <param name="tokenizer">Tokenizer of the model.</param>
/// <param name="options">Which turns, reasoning, end of turn.</param>
internal sealed class ResponseMask(HfTokenizer tokenizer, RowOptions options)
{
    /// <summary>The mask of a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="text">Its rendering.</param>
    /// <param name="encoding">The tokens of the rendering.</param>
    /// <param name="spans">Where the responses stand in it.</param>
    public MaskedText Of(Conversation conversation, string text, TokenEncoding encoding, TokenOffset[] spans)
    {
        var owner = AssistantTurns.BySpans(encoding.Offsets, spans);
        var ends = Ends(encoding.Ids, encoding.Offsets, text, owner, spans.Length);
        var turns = new int[owner.Length];
        turns.AsSpan().Fill(options.Teach == TaughtPart.WholeText ? 0 : -1);
        List<TaughtResponse> responses = [];
        List<DataFileException> remarks = [];
        int[] messages = [.. Enumerable.Range(0, conversation.Messages.Count).Where(i => conversation.Messages[i].Role == ChatMessage.Assistant)];
        for (var turn = 0; turn < spans.Length; turn++)
        {
            int first = Array.IndexOf(owner, turn), last = Array.LastIndexOf(owner, turn);
            if (first < 0)
                continue;
            var end = ends[turn];
            var range = turns.AsSpan(first, Math.Max(last, end) + 1 - first);
            if (!(conversation.Taught?[messages[turn]] ?? (options.Teach != TaughtPart.LastResponse || turn == spans.Length - 1)))
            {
                range.Fill(-1);
                continue;
            }

            var number = options.Teach == TaughtPart.WholeText ? 0 : turn;
            range.Fill(number);
            var where = conversation.Field(messages[turn]);
            var closed = LeaveOutReasoning(text, encoding.Offsets, spans[turn], turns.AsSpan(first, last + 1 - first), first, (conversation.Name, where), remarks);
            if (end >= 0)
                turns.AsSpan(end, Math.Max(last, end) + 1 - end).Fill(options.TeachEnd && (closed || options.Reasoning == ReasoningMask.Teach) ? number : -1);
            else if (options.TeachEnd)
                remarks.Add(new(DataProblem.EndNotTaught, conversation.Name, where, "a special token that ends the turn", "none behind it"));
            if (Merge(text, encoding, spans[turn].Start, first) is { } merge)
                remarks.Add(new(DataProblem.BoundaryMerge, conversation.Name, where, "the tokens of the prompt alone before the response", merge));
            responses.Add(new(first, Math.Max(last, end), end));
        }

        return new(text, encoding.Ids, encoding.Offsets, turns, responses, remarks);
    }

    /// <summary>The token that ends each response: the special token that closes it, white space aside, or that follows it; −1 for none.</summary>
    /// <remarks>What follows an earlier response may be the opening of the next turn, so there it must be the token that ends the last one.</remarks>
    private int[] Ends(int[] ids, TokenOffset[] offsets, string text, int[] owner, int count)
    {
        var ends = new int[count];
        int? closing = null;
        for (var turn = count - 1; turn >= 0; turn--)
        {
            var last = Array.LastIndexOf(owner, turn);
            int inside = last, after = last + 1;
            while (inside >= 0 && owner[inside] == turn && IsBlank(text, offsets[inside]))
                inside--;
            while (after < ids.Length && IsBlank(text, offsets[after]))
                after++;
            ends[turn] = last < 0 ? -1
                : inside >= 0 && owner[inside] == turn && tokenizer.IsSpecial(ids[inside]) ? inside
                : after < ids.Length && tokenizer.IsSpecial(ids[after]) && (turn == count - 1 || ids[after] == closing) ? after
                : -1;
            closing ??= ends[turn] < 0 ? null : ids[ends[turn]];
        }

        return ends;
    }

    /// <summary>Marks the tokens of a response that lie wholly in reasoning that is not taught; answers whether all reasoning is closed.</summary>
    private bool LeaveOutReasoning(string text, TokenOffset[] offsets, TokenOffset span, Span<int> turns, int first, (string Row, string Field) where, List<DataFileException> remarks)
    {
        var start = PyText.Utf16Index(text, span.Start);
        var response = text[start..PyText.Utf16Index(text, span.End)];
        var (regions, closed) = ReasoningSpans.In(response, options);
        if (!closed)
            remarks.Add(new(DataProblem.UnclosedReasoning, where.Row, where.Field, options.ReasoningClose, $"the end of the response after {options.ReasoningOpen}"));
        foreach (var (from, until) in regions)
        {
            int low = span.Start + PyText.Length(response[..from]), high = span.Start + PyText.Length(response[..until]);
            for (var t = 0; t < turns.Length; t++)
                if (offsets[first + t].Start >= low && offsets[first + t].End <= high)
                    turns[t] = -1;
        }

        return closed;
    }

    /// <summary>What the prompt alone has instead of the tokens before the response, or null when it has the same.</summary>
    private string? Merge(string text, TokenEncoding encoding, int start, int first)
    {
        if (encoding.Offsets[first].Start < start)
            return $"the token '{encoding.Tokens[first]}' across the border";
        var opened = first - 1; // a special token is a border for the tokenizer, so only what follows the last one needs to be looked at
        while (opened >= 0 && !tokenizer.IsSpecial(encoding.Ids[opened]))
            opened--;
        var from = opened < 0 ? 0 : encoding.Offsets[opened].End;
        if (Same(from, opened + 1) || Same(0, 0))
            return null;
        return $"other tokens, the last of which in the row is {(first == 0 ? "none" : $"'{encoding.Tokens[first - 1]}'")}";

        bool Same(int begin, int token)
        {
            var part = text[PyText.Utf16Index(text, begin)..PyText.Utf16Index(text, start)];
            return encoding.Ids.AsSpan(token, first - token).SequenceEqual(part.Length == 0 ? [] : tokenizer.Encode(part, addSpecialTokens: false).Ids);
        }
    }

    private static bool IsBlank(string text, TokenOffset offset) => string.IsNullOrWhiteSpace(text[PyText.Utf16Index(text, offset.Start)..PyText.Utf16Index(text, offset.End)]);
}
