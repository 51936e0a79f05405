using System.Globalization;
using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>Decimal forms of a float with a given number of digits, from its exact value, ties to even: what C's printf and Python's round do.</summary>
internal static class PyDecimal
{
    /// <summary>Digits after the point as given, no sign: <c>%.3f</c>.</summary>
    public static string Fixed(double number, int decimals)
    {
        var scaled = Scaled(Math.Abs(number), decimals).ToString(CultureInfo.InvariantCulture);
        if (decimals <= 0)
            return scaled + new string('0', scaled == "0" ? 0 : -decimals);
        scaled = scaled.PadLeft(decimals + 1, '0');
        return $"{scaled[..^decimals]}.{scaled[^decimals..]}";
    }

    /// <summary>Significant digits and decimal exponent: the value is d.ddd · 10^exponent.</summary>
    public static (string Digits, int Exponent) Significant(double number, int digits)
    {
        number = Math.Abs(number);
        if (number == 0)
            return (new string('0', digits), 0);
        var exponent = (int)Math.Floor(Math.Log10(number));
        while (true)
        {
            var text = Scaled(number, digits - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (text.Length == digits)
                return (text, exponent);
            exponent += text.Length > digits ? 1 : -1;
        }
    }

    /// <summary>The scientific form, no sign: <c>%.3e</c>.</summary>
    public static string Scientific(double number, int decimals)
    {
        var (digits, exponent) = Significant(number, decimals + 1);
        return digits[..1] + (decimals > 0 ? "." + digits[1..] : "") + (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
    }

    /// <summary>The shorter of both forms, trailing zeros removed unless <paramref name="keepZeros"/>: <c>%.3g</c>.</summary>
    public static string General(double number, int digits, bool keepZeros)
    {
        digits = Math.Max(1, digits);
        var (_, exponent) = Significant(number, digits);
        var text = exponent < -4 || exponent >= digits ? Scientific(number, digits - 1) : Fixed(number, digits - 1 - exponent);
        if (keepZeros)
            return text;
        var end = text.IndexOf('e', StringComparison.Ordinal) is var at and >= 0 ? at : text.Length;
        var mantissa = text[..end];
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + text[end..];
    }

    /// <summary>Python's <c>round(number, decimals)</c>.</summary>
    public static double Round(double number, int decimals)
    {
        if (!double.IsFinite(number) || decimals > 323)
            return number;
        return decimals < -308 ? Math.CopySign(0, number) : Math.CopySign(double.Parse(Fixed(number, decimals), CultureInfo.InvariantCulture), number);
    }

    /// <summary>The integer nearest to number · 10^decimals, ties to even.</summary>
    public static BigInteger Scaled(double number, int decimals)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        (mantissa, exponent) = exponent == 0 ? (mantissa, -1074) : (mantissa | 1L << 52, exponent - 1075);
        BigInteger top = mantissa, bottom = 1;
        if (decimals >= 0)
            top *= BigInteger.Pow(10, decimals);
        else
            bottom *= BigInteger.Pow(10, -decimals);
        if (exponent >= 0)
            top <<= exponent;
        else
            bottom <<= -exponent;
        var quotient = BigInteger.DivRem(top, bottom, out var rest);
        var order = (rest * 2).CompareTo(bottom);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
