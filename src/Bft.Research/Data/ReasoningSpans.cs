namespace Bft.Research.Data;

/// <summary>Finds the parts of a response that are reasoning and not to be taught.</summary>
internal static class ReasoningSpans
{
    /// <summary>The parts, in UTF-16 units of the response, and whether every span of reasoning is closed.</summary>
    /// <param name="response">Text of a response.</param>
    /// <param name="options">Tags, and what is taught.</param>
    public static (IReadOnlyList<(int From, int Until)> Parts, bool Closed) In(string response, RowOptions options)
    {
        List<(int, int)> parts = [];
        int at = 0, lastClose = 0;
        var closed = true;
        while (at < response.Length)
        {
            int open = response.IndexOf(options.ReasoningOpen, at, StringComparison.Ordinal), close = response.IndexOf(options.ReasoningClose, at, StringComparison.Ordinal);
            if (open < 0 && (close < 0 || at > 0))
                break;
            var from = open >= 0 && (close < 0 || open < close) ? open + options.ReasoningOpen.Length : at; // only closed: it began in the prompt
            close = response.IndexOf(options.ReasoningClose, from, StringComparison.Ordinal);
            closed = close >= 0;
            parts.Add((from, closed ? close : response.Length));
            at = closed ? close + options.ReasoningClose.Length : response.Length;
            lastClose = at;
        }

        return options.Reasoning switch
        {
            ReasoningMask.Teach => ([], closed),
            ReasoningMask.Mask => (parts, closed),
            _ => (lastClose == 0 ? [] : [(0, lastClose)], closed),
        };
    }
}
