using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization;

/// <summary>Python's format specification: <c>[[fill]align][sign][#][0][width][,_][.precision][type]</c>.</summary>
internal static partial class PyFormatSpec
{
    public static string Apply(object? value, string specification)
    {
        if (specification.Length == 0)
            return PyValue.Text(value);
        if (value is not (string or PyMarkup or bool or BigInteger or double))
            throw TemplateException.Type($"unsupported format string passed to {PyValue.TypeName(value)}.__format__");
        var match = Specification().Match(specification);
        if (!match.Success)
            throw TemplateException.Value($"Invalid format specifier '{specification}' for object of type '{PyValue.TypeName(value)}'");
        string Part(string name) => match.Groups[name].Value;
        var kind = Part("type");
        var isText = PyValue.AsText(value) is not null;
        var precision = Part("precision") is { Length: > 0 } digits ? Count(digits) : (int?)null;
        string sign = "", body;
        if (isText)
            body = Text(PyValue.AsText(value)!, kind, precision, Part("sign") + Part("alternate") + Part("group"));
        else
            (sign, body) = Number(value!, kind, precision, Part("sign"), Part("alternate").Length > 0, Part("group"));
        return Align(sign, body, Part("fill"), Part("align"), Part("zero").Length > 0, Part("width") is { Length: > 0 } width ? Count(width) : 0, isText, Part("group"));
    }

    private static int Count(string digits) =>
        int.TryParse(digits, CultureInfo.InvariantCulture, out var number) && number <= 100_000 ? number
            : throw TemplateException.Value("Too many decimal digits in format string");

    private static string Text(string text, string kind, int? precision, string numeric)
    {
        if (kind is not ("" or "s"))
            throw TemplateException.Value($"Unknown format code '{kind}' for object of type 'str'");
        if (numeric.Length > 0)
            throw TemplateException.Value($"'{numeric}' not allowed in string format specifier");
        return precision is { } most && PyText.Length(text) > most ? text[..PyText.Utf16Index(text, most)] : text;
    }

    private static (string Sign, string Body) Number(object value, string kind, int? precision, string sign, bool alternate, string group)
    {
        if (value is bool && kind == "" && precision is null)
            value = PyValue.AsInteger(value)!;
        if (value is double || kind is "e" or "E" or "f" or "F" or "g" or "G" or "%")
            return Float(PyValue.AsFloat(value)!.Value, kind, precision, sign, alternate, group);
        if (precision is not null)
            throw TemplateException.Value("Precision not allowed in integer format specifier");
        var number = PyValue.AsInteger(value)!.Value;
        var magnitude = BigInteger.Abs(number);
        var digits = kind switch
        {
            "" or "d" or "n" => magnitude.ToString(CultureInfo.InvariantCulture),
            "b" or "o" or "x" or "X" => PyFormat.Radix(magnitude, kind[0]),
            "c" => char.ConvertFromUtf32((int)number),
            _ => throw TemplateException.Value($"Unknown format code '{kind}' for object of type '{PyValue.TypeName(value)}'"),
        };
        var prefix = alternate && kind is "b" or "o" or "x" or "X" && alternate ? $"0{kind}" : "";
        return (Sign(number.Sign < 0, sign) + prefix, Grouped(digits, group, kind is "b" or "o" or "x" or "X" ? 4 : 3));
    }

    private static (string Sign, string Body) Float(double number, string kind, int? precision, string sign, bool alternate, string group)
    {
        var negative = double.IsNegative(number) && !double.IsNaN(number);
        var body = kind switch
        {
            "" when precision is null => PyRepr.Float(Math.Abs(number)),
            "" => Shortest(number, precision.Value),
            "%" => PyFormat.FloatDigits(number * 100, 'f', precision ?? 6, alternate) + "%",
            "e" or "E" or "f" or "F" or "g" or "G" => PyFormat.FloatDigits(number, kind[0], precision ?? 6, alternate),
            "n" => PyFormat.FloatDigits(number, 'g', precision ?? 6, alternate),
            _ => throw TemplateException.Value($"Unknown format code '{kind}' for object of type 'float'"),
        };
        return (Sign(negative, sign), Grouped(body, group, 3));
    }

    /// <summary>No type but a precision: as g, with at least one digit after the point.</summary>
    private static string Shortest(double number, int precision)
    {
        if (!double.IsFinite(number))
            return PyFormat.FloatDigits(number, 'g', precision, false);
        precision = Math.Max(1, precision);
        var (_, exponent) = PyDecimal.Significant(number, precision);
        var text = exponent == precision - 1 ? Trimmed(PyDecimal.Scientific(number, precision - 1)) : PyDecimal.General(number, precision, false);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static string Trimmed(string scientific)
    {
        var parts = scientific.Split('e');
        return (parts[0].Contains('.', StringComparison.Ordinal) ? parts[0].TrimEnd('0').TrimEnd('.') : parts[0]) + "e" + parts[1];
    }

    private static string Sign(bool negative, string sign) => negative ? "-" : sign is "+" or " " ? sign : "";

    private static string Grouped(string digits, string group, int size)
    {
        if (group.Length == 0)
            return digits;
        var end = 0;
        while (end < digits.Length && char.IsAsciiLetterOrDigit(digits[end]) && (size == 4 || char.IsAsciiDigit(digits[end])))
            end++;
        var whole = digits[..end];
        for (var at = whole.Length - size; at > 0; at -= size)
            whole = whole.Insert(at, group);
        return whole + digits[end..];
    }

    private static string Align(string sign, string body, string fill, string align, bool zero, int width, bool isText, string group)
    {
        if (zero && align.Length == 0)
            (align, fill) = isText ? ("<", "0") : ("=", "0");
        fill = fill.Length > 0 ? fill : zero ? "0" : " ";
        align = align.Length > 0 ? align : isText ? "<" : ">";
        if (align == "=" && isText)
            throw TemplateException.Value("'=' alignment not allowed in string format specifier");
        if (align == "=" && fill == "0" && group.Length > 0 && width > sign.Length + body.Length)
            throw TemplateException.Refused("zero padding together with digit groups");
        var missing = Math.Max(0, width - PyText.Length(sign + body));
        var before = align switch { "<" => 0, "^" => missing / 2, _ => missing };
        var left = PyOperators.Repeat(fill, before);
        return (align == "=" ? sign + left : left + sign) + body + PyOperators.Repeat(fill, missing - before);
    }

    [GeneratedRegex(@"^(?:(?<fill>(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|.))?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>[0-9]+)?(?<group>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[a-zA-Z%])?$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Specification();
}
