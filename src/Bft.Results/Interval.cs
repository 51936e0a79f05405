namespace Bft.Results;

/// <summary>An uncertainty interval of a number, in the number's unit.</summary>
public sealed record Interval
{
    /// <summary>Makes an interval.</summary>
    /// <param name="low">Lower end.</param>
    /// <param name="high">Upper end.</param>
    /// <param name="level">Coverage in (0, 1); 0.95 is a 95 % interval.</param>
    /// <exception cref="ArgumentException">An end is not a number, the ends are swapped, or the level is outside (0, 1).</exception>
    public Interval(double low, double high, double level = 0.95)
    {
        if (!(low <= high))
            throw new ArgumentException($"An interval needs low ≤ high; got low = {low}, high = {high}.", nameof(low));
        if (!(level is > 0 and < 1))
            throw new ArgumentException($"The level of an interval lies in (0, 1); got {level}.", nameof(level));
        (Low, High, Level) = (low, high, level);
    }

    /// <summary>Lower end.</summary>
    public double Low { get; }

    /// <summary>Upper end.</summary>
    public double High { get; }

    /// <summary>Coverage in (0, 1).</summary>
    public double Level { get; }

    /// <summary>Upper end minus lower end.</summary>
    public double Width => High - Low;

    /// <summary>True when the value lies between the ends or on one of them.</summary>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>The level as people write it, for example <c>95 %</c>.</summary>
    public string LevelText => NumberText.Significant(100 * Level, 3) + " %";
}
