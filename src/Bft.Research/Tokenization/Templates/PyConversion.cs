using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization;

/// <summary>Python's <c>int(...)</c> and <c>float(...)</c>.</summary>
internal static partial class PyConversion
{
    /// <summary>An int from a number or text.</summary>
    /// <exception cref="TemplateException">TypeError or ValueError when it is none, OverflowError for an infinity.</exception>
    public static BigInteger ToInteger(object? value, int radix = 10) => value switch
    {
        double number when double.IsNaN(number) => throw TemplateException.Value("cannot convert float NaN to integer"),
        double number when double.IsInfinity(number) => throw new TemplateException("OverflowError", "cannot convert float infinity to integer"),
        double number => new BigInteger(Math.Truncate(number)),
        PyUndefined undefined => throw undefined.Error,
        _ when PyValue.AsInteger(value) is { } number => number,
        _ when PyValue.AsText(value) is { } text => Parse(text, radix),
        _ => throw TemplateException.Type($"int() argument must be a string, a bytes-like object or a real number, not '{PyValue.TypeName(value)}'"),
    };

    /// <summary>A float from a number or text.</summary>
    /// <exception cref="TemplateException">TypeError or ValueError when it is none.</exception>
    public static double ToFloat(object? value)
    {
        if (value is PyUndefined undefined)
            throw undefined.Error;
        if (PyValue.AsFloat(value) is { } number)
            return number;
        var text = PyValue.AsText(value) ?? throw TemplateException.Type($"float() argument must be a string or a real number, not '{PyValue.TypeName(value)}'");
        var trimmed = PyText.Trim(text);
        var sign = trimmed.StartsWith('-') ? -1.0 : 1.0;
        return trimmed.TrimStart('+', '-').ToLowerInvariant() switch
        {
            "inf" or "infinity" when SignCount(trimmed) <= 1 => sign * double.PositiveInfinity,
            "nan" when SignCount(trimmed) <= 1 => double.NaN,
            _ when FloatText().IsMatch(trimmed) => double.Parse(trimmed.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture),
            _ => throw TemplateException.Value($"could not convert string to float: {PyRepr.Of(text)}"),
        };
    }

    private static int SignCount(string text) => text.TakeWhile(c => c is '+' or '-').Count();

    private static BigInteger Parse(string text, int radix)
    {
        if (radix is not 0 and (< 2 or > 36))
            throw TemplateException.Value("int() base must be >= 2 and <= 36, or 0");
        TemplateException Wrong() => TemplateException.Value($"invalid literal for int() with base {radix}: {PyRepr.Of(text)}");
        var digits = PyText.Trim(text).ToLowerInvariant();
        var negative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '+' or '-')
            digits = digits[1..];
        var prefixed = digits.Length > 1 && digits[0] == '0' ? digits[1] switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefixed != 0 && (radix == 0 || radix == prefixed))
            (digits, radix) = (digits[2..].StartsWith('_') ? digits[3..] : digits[2..], prefixed);
        else if (radix == 0)
            radix = digits.Length > 1 && digits[0] == '0' && digits.Trim('0', '_').Length > 0 ? throw Wrong() : 10;
        if (digits.Length == 0 || digits[0] == '_' || digits[^1] == '_' || digits.Contains("__", StringComparison.Ordinal))
            throw Wrong();
        BigInteger number = 0;
        foreach (var c in digits.Where(c => c != '_'))
        {
            var digit = char.IsAsciiLetter(c) ? c - 'a' + 10 : CharUnicodeInfo.GetDecimalDigitValue(c);
            if (digit < 0 || digit >= radix)
                throw Wrong();
            number = number * radix + digit;
        }

        return negative ? -number : number;
    }

    [GeneratedRegex(@"^[-+]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex FloatText();
}
