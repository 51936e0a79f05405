using System.Globalization;
using System.Text.Json;

namespace Bft.Research.Verification;

/// <summary>Reads the values of <c>bft-golden-1</c>: numbers, nested arrays, and <c>"nan"</c>, <c>"inf"</c>, <c>"-inf"</c> for what JSON lacks.</summary>
public static class GoldenJson
{
    /// <summary>A number, or one of the three special strings.</summary>
    /// <exception cref="FormatException">Neither.</exception>
    public static double Number(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => value.GetString() switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            var text => double.Parse(text!, CultureInfo.InvariantCulture),
        },
        _ => throw new FormatException($"Expected a number, found {value.ValueKind}."),
    };

    /// <summary>All numbers of a nested array, row-major; a single number gives one.</summary>
    public static double[] Numbers(this JsonElement value)
    {
        var numbers = new List<double>();
        Collect(value, numbers);
        return [.. numbers];
    }

    /// <summary>All integers of a nested array, row-major.</summary>
    public static long[] Integers(this JsonElement value) => [.. value.Numbers().Select(v => checked((long)v))];

    /// <summary>The rows of a nested array, each flattened; rows may differ in length.</summary>
    public static double[][] NumberRows(this JsonElement value) => [.. value.EnumerateArray().Select(Numbers)];

    /// <summary>The rows of a nested array of integers; rows may differ in length.</summary>
    public static long[][] IntegerRows(this JsonElement value) => [.. value.EnumerateArray().Select(Integers)];

    /// <summary>The strings of an array.</summary>
    public static string[] Strings(this JsonElement value) => [.. value.EnumerateArray().Select(v => v.GetString()!)];

    /// <summary>A string that must be there.</summary>
    public static string Text(this JsonElement value) => value.GetString() ?? throw new FormatException("Expected a string, found null.");

    private static void Collect(JsonElement value, List<double> into)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            into.Add(value.Number());
            return;
        }

        foreach (var item in value.EnumerateArray())
            Collect(item, into);
    }
}
