namespace Bft.Results;

/// <summary>Which way a metric improves.</summary>
public enum Direction
{
    /// <summary>A description; neither way is better by itself.</summary>
    Neither,

    /// <summary>Larger is better.</summary>
    HigherIsBetter,

    /// <summary>Smaller is better.</summary>
    LowerIsBetter,
}

/// <summary>What is measured: name, unit, direction and definition. The registry is <see cref="Metrics"/>.</summary>
/// <param name="Id">Short lasting name in files, for example <c>nll</c>.</param>
/// <param name="Name">Name in tables and on axes.</param>
/// <param name="Unit">Unit, for example <c>nats per token</c>; <c>1</c> for a plain ratio.</param>
/// <param name="Direction">Which way is better.</param>
/// <param name="Definition">One sentence that says how the number is computed.</param>
public sealed record Metric(string Id, string Name, string Unit, Direction Direction, string Definition)
{
    /// <summary>Name with its unit, as axes and column heads show it.</summary>
    public string Label => Unit == "1" ? Name : $"{Name} ({Unit})";

    /// <summary>A measured value of this metric.</summary>
    /// <param name="value">The number, in <see cref="Unit"/>.</param>
    /// <param name="n">Number of observations behind it.</param>
    /// <param name="of">What is counted by <paramref name="n"/>, for example <c>passages</c>.</param>
    /// <param name="interval">Uncertainty, or null where none was computed.</param>
    public MetricValue Of(double value, long n, string of = "", Interval? interval = null) => new(Id, value, n, of, interval);

    /// <summary>A measured value of this metric from a number and the ends of its 95 % interval.</summary>
    /// <param name="value">The number, in <see cref="Unit"/>.</param>
    /// <param name="low">Lower end; NaN: no interval was found.</param>
    /// <param name="high">Upper end; NaN: no interval was found.</param>
    /// <param name="n">Number of observations behind it.</param>
    /// <param name="of">What is counted by <paramref name="n"/>.</param>
    public MetricValue Of(double value, double low, double high, long n, string of = "") =>
        Of(value, n, of, double.IsNaN(low) || double.IsNaN(high) ? null : new Interval(low, high));
}
