using System.Text.Json;

namespace Bft.Research.Verification;

/// <summary>Collects what a runner finds: the largest deviation and every mismatch, with the name of the value.</summary>
public sealed class Comparison(Tolerance tolerance)
{
    private readonly List<string> _mismatches = [];

    /// <summary>The tolerance in force. A runner that computes in a lower precision widens it with <see cref="Widen"/>.</summary>
    public Tolerance Tolerance { get; private set; } = tolerance;

    /// <summary>Largest |ours − expected| over finite pairs so far.</summary>
    public double LargestDeviation { get; private set; }

    /// <summary>Number of values compared; a case that compares nothing fails.</summary>
    public int Compared { get; private set; }

    /// <summary>Mismatches in the order found.</summary>
    public IReadOnlyList<string> Mismatches => _mismatches;

    /// <summary>Accepts at least this tolerance from here on.</summary>
    public void Widen(Tolerance other) => Tolerance = Tolerance.Or(other);

    /// <summary>Compares a number under the tolerance.</summary>
    public void Number(string what, double expected, double actual) => Number(what, expected, actual, Tolerance);

    /// <summary>Compares a number under a tolerance of its own.</summary>
    public void Number(string what, double expected, double actual, Tolerance allowed)
    {
        Compared++;
        var deviation = Math.Abs(actual - expected);
        if (double.IsFinite(deviation))
            LargestDeviation = Math.Max(LargestDeviation, deviation);
        if (!allowed.Accepts(expected, actual))
            Fail($"{what}: expected {expected:R}, actual {actual:R}");
    }

    /// <summary>Compares number by number, lengths included.</summary>
    public void Numbers(string what, JsonElement expected, ReadOnlySpan<double> actual) => Numbers(what, expected.Numbers(), actual);

    /// <summary>Compares number by number, lengths included.</summary>
    public void Numbers(string what, ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Compared++;
        if (expected.Length != actual.Length)
        {
            Fail($"{what}: expected {expected.Length} values, actual {actual.Length}");
            return;
        }

        for (var i = 0; i < expected.Length; i++)
            Number($"{what}[{i}]", expected[i], actual[i]);
    }

    /// <summary>Compares for equality.</summary>
    public void Exact<T>(string what, T expected, T actual)
    {
        Compared++;
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            Fail($"{what}: expected {Show(expected)}, actual {Show(actual)}");
    }

    /// <summary>Compares two sequences for equality.</summary>
    public void ExactSequence<T>(string what, IEnumerable<T> expected, IEnumerable<T> actual)
    {
        Compared++;
        T[] left = [.. expected], right = [.. actual];
        var at = 0;
        while (at < left.Length && at < right.Length && EqualityComparer<T>.Default.Equals(left[at], right[at]))
            at++;
        if (at == left.Length && at == right.Length)
            return;
        Fail($"{what}: first difference at {at} of {left.Length}/{right.Length}: "
             + $"expected {(at < left.Length ? Show(left[at]) : "nothing")}, actual {(at < right.Length ? Show(right[at]) : "nothing")}");
    }

    /// <summary>Records a mismatch in words.</summary>
    public void Fail(string mismatch)
    {
        if (_mismatches.Count < 20)
            _mismatches.Add(mismatch);
    }

    private static string Show<T>(T value) => value is string text ? $"\"{text}\"" : value?.ToString() ?? "null";
}
