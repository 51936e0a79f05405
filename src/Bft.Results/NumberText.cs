using System.Globalization;

namespace Bft.Results;

/// <summary>How numbers are written in tables, captions and files.</summary>
public static class NumberText
{
    /// <summary>The number with a given count of significant digits; digits before the point are never rounded away. No exponent between 1e-4 and 1e6.</summary>
    public static string Significant(double value, int digits = 4)
    {
        if (!double.IsFinite(value))
            return value.ToString(CultureInfo.InvariantCulture);
        if (value == 0)
            return "0";
        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (magnitude is < -4 or >= 6)
            return value.ToString("0." + new string('#', digits - 1) + "e+0", CultureInfo.InvariantCulture);
        var rounded = Round(value, Math.Max(digits, magnitude + 1));
        return rounded.ToString("0." + new string('#', Math.Max(0, digits - 1 - magnitude)), CultureInfo.InvariantCulture);
    }

    /// <summary>The number with exactly this many digits after the point.</summary>
    public static string Fixed(double value, int decimals) => value.ToString("F" + decimals, CultureInfo.InvariantCulture);

    /// <summary>The nearest number that has at most this many significant digits; non-finite values and zero pass through.</summary>
    public static double Round(double value, int digits = 6)
    {
        if (!double.IsFinite(value) || value == 0)
            return value;
        return double.Parse(value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>A value and its interval written to the precision that the interval supports: two digits of its width.</summary>
    /// <returns>For example <c>("0.306", "[0.300, 0.312]")</c>; the second is empty without an interval.</returns>
    public static (string Value, string Interval) Measured(double value, Interval? interval)
    {
        if (interval is null || !double.IsFinite(interval.Width) || interval.Width == 0)
            return (Significant(value), interval is null ? "" : $"[{Significant(interval.Low)}, {Significant(interval.High)}]");
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(interval.Width)) + 1, 0, 9);
        return (Fixed(value, decimals), $"[{Fixed(interval.Low, decimals)}, {Fixed(interval.High, decimals)}]");
    }
}
