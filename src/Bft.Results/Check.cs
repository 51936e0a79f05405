namespace Bft.Results;

/// <summary>What the evidence says about a statement.</summary>
public enum Outcome
{
    /// <summary>The evidence supports it.</summary>
    Holds,

    /// <summary>The evidence contradicts it.</summary>
    Fails,

    /// <summary>The evidence allows both.</summary>
    Undecided,
}

/// <summary>A number that a check rests on.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
public sealed record NamedNumber(string Name, double Value);

/// <summary>One testable part of a claim, with its verdict and the numbers behind it.</summary>
/// <param name="Statement">The part in words.</param>
/// <param name="Outcome">The verdict.</param>
/// <param name="Evidence">How the verdict follows from the numbers, in one line.</param>
/// <param name="Numbers">The numbers.</param>
public sealed record Check(string Statement, Outcome Outcome, string Evidence, IReadOnlyList<NamedNumber> Numbers)
{
    /// <summary>Asks whether a measured value lies above a threshold.</summary>
    /// <returns>Holds when the whole interval lies above, fails when none of it does, else undecided. Without an interval: undecided.</returns>
    public static Check Above(string statement, MetricValue value, double threshold = 0) =>
        Compare(statement, value, threshold, "above", interval => interval.Low > threshold, interval => interval.High <= threshold);

    /// <summary>Asks whether a measured value lies below a threshold.</summary>
    /// <returns>Holds when the whole interval lies below, fails when none of it does, else undecided. Without an interval: undecided.</returns>
    public static Check Below(string statement, MetricValue value, double threshold = 0) =>
        Compare(statement, value, threshold, "below", interval => interval.High < threshold, interval => interval.Low >= threshold);

    /// <summary>Asks whether a computed number equals an expected one within a tolerance. For numbers without sampling error.</summary>
    public static Check Equal(string statement, double actual, double expected, double tolerance)
    {
        var outcome = Math.Abs(actual - expected) <= tolerance ? Outcome.Holds : Outcome.Fails;
        var evidence = $"{NumberText.Significant(actual, 6)} against {NumberText.Significant(expected, 6)}, tolerance {NumberText.Significant(tolerance, 2)}";
        return new Check(statement, outcome, evidence, [new("actual", actual), new("expected", expected), new("tolerance", tolerance)]);
    }

    /// <summary>A verdict that the caller reached by itself. For statements without sampling error, such as an identity.</summary>
    /// <param name="statement">The part in words.</param>
    /// <param name="holds">The verdict.</param>
    /// <param name="numbers">The numbers that it rests on; at least one.</param>
    /// <exception cref="ArgumentException">No number is given.</exception>
    public static Check That(string statement, bool holds, params (string Name, double Value)[] numbers)
    {
        if (numbers.Length == 0)
            throw new ArgumentException($"The check '{statement}' needs the numbers that it rests on.", nameof(numbers));
        var evidence = string.Join(", ", numbers.Select(number => $"{number.Name} {NumberText.Significant(number.Value)}"));
        return new Check(statement, holds ? Outcome.Holds : Outcome.Fails, evidence, [.. numbers.Select(number => new NamedNumber(number.Name, number.Value))]);
    }

    /// <summary>A statement that this run cannot decide, with the reason.</summary>
    public static Check Undecided(string statement, string reason) => new(statement, Outcome.Undecided, reason, []);

    private static Check Compare(string statement, MetricValue value, double threshold, string side, Func<Interval, bool> holds, Func<Interval, bool> fails)
    {
        var line = NumberText.Significant(threshold);
        var numbers = new List<NamedNumber> { new("value", value.Value), new("threshold", threshold) };
        if (value.Interval is not { } interval)
            return new Check(statement, Outcome.Undecided, $"{value} has no interval, so it cannot be called {side} {line}", numbers);
        numbers.AddRange([new("low", interval.Low), new("high", interval.High)]);
        var outcome = holds(interval) ? Outcome.Holds : fails(interval) ? Outcome.Fails : Outcome.Undecided;
        var where = outcome switch
        {
            Outcome.Holds => $"lies {side} {line}",
            Outcome.Fails => $"does not lie {side} {line}",
            _ => $"reaches both sides of {line}",
        };
        return new Check(statement, outcome, $"{value} {where}", numbers);
    }
}
