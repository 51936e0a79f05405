namespace Bft.Research.Uncertainty;

/// <summary>A range of Unicode code points of a text; the end is exclusive.</summary>
/// <param name="Start">First code point.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Whether the two share a code point; an empty range shares none.</summary>
    public bool Overlaps(TextSpan other) => Math.Max(Start, other.Start) < Math.Min(End, other.End);
}

/// <summary>A piece of running text whose uncertainty is studied.</summary>
public sealed record Passage
{
    /// <summary>Name in tables and errors.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is from, for example <c>wiki</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What it stands for: <c>biomedical</c>, <c>general</c>, or another name.</summary>
    public required string Domain { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Entity mentions, or null where the source is not annotated. One may reach beyond the end of a text that was cut.</summary>
    public IReadOnlyList<TextSpan>? Entities { get; init; }
}
