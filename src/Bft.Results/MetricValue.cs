namespace Bft.Results;

/// <summary>One measured number with its uncertainty.</summary>
/// <param name="Metric">Identifier in <see cref="Metrics"/>.</param>
/// <param name="Value">The number, in the metric's unit.</param>
/// <param name="N">Number of observations behind it.</param>
/// <param name="Of">What <paramref name="N"/> counts, for example <c>passages</c>; may be empty.</param>
/// <param name="Interval">Uncertainty, or null where none was computed.</param>
public sealed record MetricValue(string Metric, double Value, long N, string Of = "", Interval? Interval = null)
{
    /// <summary>The number and, where there is one, its interval: <c>0.306 [0.300, 0.312]</c>.</summary>
    public override string ToString()
    {
        var (value, interval) = NumberText.Measured(Value, Interval);
        return interval.Length == 0 ? value : $"{value} {interval}";
    }
}
