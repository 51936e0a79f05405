using System.Globalization;

namespace Bft;

/// <summary>Numbers as Python writes them in JSON. Compiled into each library that needs it, because those share no reference.</summary>
internal static class PythonNumber
{
    private const int LeastPlainExponent = -4;
    private const int LeastScientificExponent = 16;

    /// <summary>Whole numbers keep their text; others get the shortest digits that read back, scientific below 1e-4 and from 1e16.</summary>
    public static string Format(string json)
    {
        if (json.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
            return json == "-0" ? "0" : json;
        return Float(double.Parse(json, CultureInfo.InvariantCulture));
    }

    /// <summary>A number that stays one with a point or an exponent: readers that check types take <c>10000</c> for a whole number and refuse it where they want <c>10000.0</c>.</summary>
    public static string Float(double number)
    {
        if (!double.IsFinite(number))
            return number > 0 ? "Infinity" : "-Infinity";
        var (sign, digits, exponent) = Digits(number.ToString("R", CultureInfo.InvariantCulture));
        return sign + (exponent is < LeastPlainExponent or >= LeastScientificExponent ? Scientific(digits, exponent) : Plain(digits, exponent));
    }

    // "-0.00125E-07" gives "-", "125" and the exponent of the first digit.
    private static (string Sign, string Digits, int Exponent) Digits(string shortest)
    {
        var sign = shortest.StartsWith('-') ? "-" : "";
        var parts = shortest[sign.Length..].Split('E');
        var (whole, fraction) = parts[0].Split('.') is [var before, var after] ? (before, after) : (parts[0], "");
        var all = whole + fraction;
        var digits = all.TrimStart('0');
        if (digits.Length == 0)
            return (sign, "0", 0);
        var exponent = whole.Length - 1 - (all.Length - digits.Length);
        if (parts.Length > 1)
            exponent += int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return (sign, digits.TrimEnd('0'), exponent);
    }

    private static string Scientific(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
            return "0." + new string('0', -exponent - 1) + digits;
        var whole = digits.PadRight(exponent + 1, '0');
        var fraction = whole[(exponent + 1)..];
        return $"{whole[..(exponent + 1)]}.{(fraction.Length == 0 ? "0" : fraction)}";
    }
}
