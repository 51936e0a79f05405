namespace Bft.Results;

/// <summary>A number printed by others, or the statement that none is known.</summary>
/// <param name="Experiment">What was run, for example <c>healthbench-consensus</c>.</param>
/// <param name="System">Which model or method.</param>
/// <param name="Metric">Identifier in <see cref="Metrics"/>.</param>
/// <param name="Value">The number in the metric's unit, or null: not known.</param>
/// <param name="Source">Where the number is printed; for an unknown one, what was searched.</param>
/// <param name="Spread">Printed plus-minus, or null.</param>
/// <param name="Note">What differs from our set-up; may be empty.</param>
public sealed record PublishedValue(string Experiment, string System, string Metric, double? Value, string Source, double? Spread = null, string Note = "")
{
    /// <summary>A value that is not known, with the reason.</summary>
    public static PublishedValue NotKnown(string experiment, string system, string metric, string reason) => new(experiment, system, metric, null, reason);

    /// <summary>The number with its spread, or <c>not known</c>.</summary>
    public override string ToString() => Value is not { } value ? "not known"
        : NumberText.Significant(value) + (Spread is { } spread ? " ± " + NumberText.Significant(spread) : "");
}
