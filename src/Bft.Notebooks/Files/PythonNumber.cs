using System.Globalization;

namespace Bft.Notebooks.Files;

/// <summary>Numbers as Python writes them in JSON.</summary>
internal static class PythonNumber
{
    private const int LeastPlainExponent = -4;
    private const int LeastScientificExponent = 16;

    /// <summary>Whole numbers keep their text; others get the shortest digits that read back, scientific below 1e-4 and from 1e16.</summary>
    public static string Format(string json)
    {
        if (json.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
            return json == "-0" ? "0" : json;
        var number = double.Parse(json, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
            return number > 0 ? "Infinity" : "-Infinity";
        var parts = number.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var exponent = number == 0 ? 0 : int.Parse(parts.AsSpan(parts.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var (sign, digits) = Digits(shortest);
        return sign + (exponent is < LeastPlainExponent or >= LeastScientificExponent ? Scientific(digits, exponent) : Plain(digits, exponent));
    }

    private static (string Sign, string Digits) Digits(string shortest)
    {
        var mantissa = shortest.Split('E')[0];
        var sign = mantissa.StartsWith('-') ? "-" : "";
        var digits = mantissa.Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        return (sign, digits.Length == 0 ? "0" : digits);
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
