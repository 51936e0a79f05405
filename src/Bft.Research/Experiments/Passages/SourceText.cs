using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments.Passages;

/// <summary>A text of a source before it becomes a passage.</summary>
/// <param name="Id">Name inside the source.</param>
/// <param name="Text">The text.</param>
/// <param name="Entities">Entity mentions in code points, or null where the source is not annotated.</param>
public sealed record SourceText(string Id, string Text, IReadOnlyList<TextSpan>? Entities = null);
