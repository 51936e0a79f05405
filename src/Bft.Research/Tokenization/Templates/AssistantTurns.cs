namespace Bft.Research.Tokenization;

/// <summary>Which tokens of a rendered conversation belong to which assistant turn.</summary>
internal static class AssistantTurns
{
    /// <summary>By generation spans: a token belongs to a span that it overlaps, also when it begins before it; an empty span has no token.</summary>
    /// <param name="offsets">Code points of each token.</param>
    /// <param name="spans">Code points of the generation tags.</param>
    /// <returns>The turn of each token, or -1.</returns>
    public static int[] BySpans(IReadOnlyList<TokenOffset> offsets, IReadOnlyList<TokenOffset> spans)
    {
        var turns = new int[offsets.Count];
        for (var i = 0; i < turns.Length; i++)
        {
            turns[i] = -1;
            for (var span = 0; span < spans.Count && turns[i] < 0; span++)
                if (spans[span].Start < spans[span].End && offsets[i].End > spans[span].Start && offsets[i].Start < spans[span].End)
                    turns[i] = span;
        }

        return turns;
    }

    /// <summary>By what each assistant turn adds to the ids of the messages before it with the generation prompt.</summary>
    /// <param name="ids">Ids of the whole conversation.</param>
    /// <param name="assistant">For each message, whether the assistant says it.</param>
    /// <param name="render">Ids of the first messages, with or without the generation prompt.</param>
    /// <param name="turns">The turn of each token, or -1.</param>
    /// <returns>Null; or message and token at which a rendering does not continue the one before, so that the rule cannot be used.</returns>
    public static (int Message, int Token)? ByPrefix(int[] ids, IReadOnlyList<bool> assistant, Func<int, bool, int[]> render, out int[] turns)
    {
        turns = new int[ids.Length];
        Array.Fill(turns, -1);
        var turn = 0;
        for (var i = 0; i < assistant.Count; i++)
        {
            if (!assistant[i])
                continue;
            int[] before = render(i, true), after = render(i + 1, false);
            if (Difference(before, after) is { } first)
                return (i, first);
            if (Difference(after, ids) is { } second)
                return (i, second);
            turns.AsSpan(before.Length, after.Length - before.Length).Fill(turn++);
        }

        return null;
    }

    private static int? Difference(int[] shorter, int[] longer) =>
        shorter.AsSpan().CommonPrefixLength(longer) is var same && same < shorter.Length ? same : null;
}
