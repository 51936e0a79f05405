using System.Globalization;
using System.Numerics;
using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>Python's <c>str.format</c> and its specification of width, sign, precision and type.</summary>
internal static class PyFormat
{
    public static string Format(string format, PyArguments arguments)
    {
        var automatic = 0;
        return Expand(format, arguments, ref automatic, 2);
    }

    /// <summary>Non-ASCII characters as escapes.</summary>
    public static string Ascii(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        < 0x80 => rune.ToString(),
        < 0x100 => $"\\x{rune.Value:x2}",
        < 0x10000 => $"\\u{rune.Value:x4}",
        _ => $"\\U{rune.Value:x8}",
    }));

    /// <summary>Digits of a number that is not negative, in base 2, 8 or 16.</summary>
    public static string Radix(BigInteger number, char kind)
    {
        var (radix, digits) = kind switch { 'b' => (2, ""), 'o' => (8, ""), _ => (16, "") };
        do
        {
            digits = "0123456789abcdef"[(int)(number % radix)] + digits;
            number /= radix;
        }
        while (!number.IsZero);
        return kind == 'X' ? digits.ToUpperInvariant() : digits;
    }

    /// <summary>Digits of the absolute value of a float for e, f, g in either case.</summary>
    public static string FloatDigits(double number, char kind, int precision, bool keepZeros)
    {
        var small = char.ToLowerInvariant(kind);
        var text = !double.IsFinite(number) ? (double.IsNaN(number) ? "nan" : "inf") : small switch
        {
            'e' => PyDecimal.Scientific(number, precision),
            'f' => PyDecimal.Fixed(number, precision),
            _ => PyDecimal.General(number, precision, keepZeros),
        };
        return char.IsUpper(kind) ? text.ToUpperInvariant() : text;
    }

    private static string Expand(string format, PyArguments arguments, ref int automatic, int depth)
    {
        if (depth < 0)
            throw TemplateException.Value("Max string recursion exceeded");
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var c = format[at];
            if (c is not ('{' or '}'))
            {
                result.Append(c);
                continue;
            }

            if (at + 1 < format.Length && format[at + 1] == c)
            {
                result.Append(c);
                at++;
                continue;
            }

            if (c == '}')
                throw TemplateException.Value("Single '}' encountered in format string");
            var end = Closing(format, at);
            result.Append(Field(format[(at + 1)..end], arguments, ref automatic, depth));
            at = end;
        }

        return result.ToString();
    }

    private static int Closing(string format, int open)
    {
        var depth = 0;
        for (var at = open; at < format.Length; at++)
        {
            depth += format[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return at;
        }

        throw TemplateException.Value(open + 1 == format.Length ? "Single '{' encountered in format string" : "expected '}' before end of string");
    }

    private static string Field(string field, PyArguments arguments, ref int automatic, int depth)
    {
        var nameEnd = field.IndexOfAny(['!', ':']) is var at and >= 0 ? at : field.Length;
        var value = Lookup(field[..nameEnd], arguments, ref automatic);
        var rest = field[nameEnd..];
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2)
                throw TemplateException.Value("end of string while looking for conversion specifier");
            value = rest[1] switch
            {
                's' => PyValue.Text(value),
                'r' => PyRepr.Of(value),
                'a' => Ascii(PyRepr.Of(value)),
                var kind => throw TemplateException.Value($"Unknown conversion specifier {kind}"),
            };
            rest = rest[2..];
            if (rest.Length > 0 && rest[0] != ':')
                throw TemplateException.Value("expected ':' after conversion specifier");
        }

        var specification = rest.Length > 0 ? Expand(rest[1..], arguments, ref automatic, depth - 1) : "";
        return PyFormatSpec.Apply(value, specification);
    }

    private static object? Lookup(string name, PyArguments arguments, ref int automatic)
    {
        var end = name.IndexOfAny(['.', '[']) is var at and >= 0 ? at : name.Length;
        var first = name[..end];
        var value = First(first, arguments, ref automatic);
        while (end < name.Length)
        {
            if (name[end] == '.')
            {
                var next = name.IndexOfAny(['.', '['], end + 1) is var stop and >= 0 ? stop : name.Length;
                value = PyItems.Attribute(value, name[(end + 1)..next]);
                end = next;
                continue;
            }

            var close = name.IndexOf(']', end);
            if (close < 0)
                throw TemplateException.Value("Missing ']' in format string");
            var key = name[(end + 1)..close];
            value = PyItems.Element(value, key.Length > 0 && key.All(char.IsAsciiDigit) ? BigInteger.Parse(key, CultureInfo.InvariantCulture) : key);
            end = close + 1;
        }

        return value;
    }

    private static object? First(string name, PyArguments arguments, ref int automatic)
    {
        if (name.Length == 0 || name.All(char.IsAsciiDigit))
        {
            if (name.Length == 0 ? automatic < 0 : automatic > 0)
                throw TemplateException.Value("cannot switch between manual field specification and automatic field numbering");
            var index = name.Length == 0 ? automatic++ : int.Parse(name, CultureInfo.InvariantCulture);
            automatic = name.Length == 0 ? automatic : -1;
            return index < arguments.Positional.Count
                ? arguments.Positional[index]
                : throw new TemplateException("IndexError", $"Replacement index {index} out of range for positional args tuple");
        }

        return arguments.TryNamed(name, out var value) ? value : throw new TemplateException("KeyError", PyRepr.Of(name));
    }
}
