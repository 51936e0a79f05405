namespace Bft.Research.World;

/// <summary>What a span of generated text marks.</summary>
public enum SpanKind
{
    /// <summary>A gene symbol or gene name.</summary>
    Gene,

    /// <summary>A process or pathway.</summary>
    Process,

    /// <summary>A drug.</summary>
    Drug,

    /// <summary>A cell line.</summary>
    CellLine,

    /// <summary>A disease.</summary>
    Disease,

    /// <summary>A causal connective, such as <c>therefore</c>; not an entity.</summary>
    CausalConnective,
}

/// <summary>A marked piece of text.</summary>
/// <param name="Start">First code point.</param>
/// <param name="End">Code point after the last.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The entity's name as in the tables, or the connective.</param>
public sealed record MarkedSpan(int Start, int End, SpanKind Kind, string Name)
{
    /// <summary>Whether the span marks an entity rather than a connective.</summary>
    public bool IsEntity => Kind != SpanKind.CausalConnective;
}

/// <summary>A value that fills a slot.</summary>
/// <param name="Text">What is written.</param>
/// <param name="Kind">What it is when it is an entity, or null.</param>
public sealed record Mention(string Text, SpanKind? Kind = null);

/// <summary>Generated text with its marked pieces in text order; spans never overlap.</summary>
/// <param name="Text">The text.</param>
/// <param name="Spans">Marked pieces, in code points of <paramref name="Text"/>.</param>
public sealed record AnnotatedText(string Text, IReadOnlyList<MarkedSpan> Spans)
{
    /// <summary>The text of a span.</summary>
    /// <param name="span">A span of this text.</param>
    public string Slice(MarkedSpan span) =>
        string.Concat(Text.EnumerateRunes().Skip(span.Start).Take(span.End - span.Start).Select(r => r.ToString()));
}
