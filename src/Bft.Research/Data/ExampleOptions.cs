namespace Bft.Research.Data;

/// <summary>Which tokens of a conversation are supervised.</summary>
public enum Supervision
{
    /// <summary>Tokens that overlap what the template marks as generated (<c>{% generation %}</c>).</summary>
    GenerationTags,

    /// <summary>Tokens that each assistant turn adds to the rendering of the turns before it with the generation prompt; a mismatch is an error, never a guess.</summary>
    PrefixDifference,

    /// <summary>Every token.</summary>
    Everything,
}

/// <summary>What happens to a row with more tokens than allowed.</summary>
public enum LongRows
{
    /// <summary>Tokens at its end are cut off and the row is counted as truncated.</summary>
    Truncate,

    /// <summary>It is a bad row.</summary>
    Bad,
}

/// <summary>How rows become tokens.</summary>
public sealed record ExampleOptions
{
    /// <summary>Which tokens of a conversation are supervised.</summary>
    public Supervision Supervision { get; init; } = Supervision.GenerationTags;

    /// <summary>Most tokens of a row.</summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>What happens to longer rows.</summary>
    public LongRows LongRows { get; init; } = LongRows.Truncate;

    /// <summary>What happens to rows that cannot be used: too long, or nothing to learn.</summary>
    public BadRows BadRows { get; init; } = BadRows.Refuse;

    /// <summary>Plain text: whether the tokenizer's end token follows, and is supervised.</summary>
    public bool AppendEnd { get; init; } = true;

    /// <summary>How responses can be marked with a template: by its generation tags where it has them, else by the difference between renderings.</summary>
    public static Supervision SupervisionOf(Tokenization.IChatRenderer chat) =>
        chat.Render([new("user", "a"), new(Tokenization.ChatMessage.Assistant, "b")], addGenerationPrompt: false).GenerationSpans.Count > 0
            ? Supervision.GenerationTags
            : Supervision.PrefixDifference;

    /// <summary>Everything wrong with these options.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxLength < 2)
            yield return $"MaxLength: expected 2 or more, actual {MaxLength}.";
    }
}
