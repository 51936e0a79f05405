using System.Globalization;
using System.Numerics;
using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>Python's <c>format % values</c>.</summary>
internal static class PyPercent
{
    public static string Format(string format, object? values)
    {
        var cursor = new Cursor(format, values);
        var result = new StringBuilder();
        while (cursor.At < format.Length)
        {
            var c = format[cursor.At++];
            if (c == '%')
                result.Append(cursor.Conversion());
            else
                result.Append(c);
        }

        cursor.RequireAllUsed();
        return result.ToString();
    }

    private sealed class Cursor(string format, object? values)
    {
        private readonly PyDict? _named = values as PyDict;
        private int _next;
        private bool _usedNames;

        public int At { get; set; }

        private IReadOnlyList<object?> Positional => values is PyTuple tuple ? tuple.Items : [values];

        public string Conversion()
        {
            object? named = null;
            var isNamed = Current() == '(';
            if (isNamed)
                named = Named();
            var flags = "";
            while ("-+ 0#".Contains(Current(), StringComparison.Ordinal))
                flags += format[At++];
            var width = Number();
            if (width < 0)
                flags += "-";
            int? precision = null;
            if (Current() == '.')
            {
                At++;
                precision = Math.Max(0, Number() ?? 0);
            }

            while (Current() is 'h' or 'l' or 'L')
                At++;
            var kind = Current();
            At++;
            if (kind == '%')
                return "%";
            var value = isNamed ? named : Next();
            return Pad(Convert(kind, value, flags, precision), flags, Math.Abs(width ?? 0), kind);
        }

        public void RequireAllUsed()
        {
            if (!_usedNames && _next < Positional.Count && values is not (PyDict or PyList or PyRange or PyUndefined))
                throw TemplateException.Type("not all arguments converted during string formatting");
        }

        private char Current() => At < format.Length ? format[At] : throw TemplateException.Value("incomplete format");

        private object? Named()
        {
            var end = format.IndexOf(')', At);
            if (end < 0)
                throw TemplateException.Value("incomplete format key");
            var name = format[(At + 1)..end];
            At = end + 1;
            _usedNames = true;
            if (_named is null)
                throw values is PyUndefined undefined ? undefined.Error : TemplateException.Type("format requires a mapping");
            return _named.TryGet(name, out var value) ? value : throw new TemplateException("KeyError", PyRepr.Of(name));
        }

        private object? Next() => _next < Positional.Count ? Positional[_next++] : throw TemplateException.Type("not enough arguments for format string");

        private int? Number()
        {
            if (Current() == '*')
            {
                At++;
                return PyValue.AsInteger(Next()) is { } count ? (int)count : throw TemplateException.Type("* wants int");
            }

            var start = At;
            while (char.IsAsciiDigit(Current()))
                At++;
            if (At == start)
                return null;
            return int.TryParse(format.AsSpan(start, At - start), CultureInfo.InvariantCulture, out var number) && number <= 100_000
                ? number
                : throw TemplateException.Value("width too big");
        }

        private static string Convert(char kind, object? value, string flags, int? precision) => kind switch
        {
            's' => Cut(PyValue.Text(value), precision),
            'r' => Cut(PyRepr.Of(value), precision),
            'a' => Cut(PyFormat.Ascii(PyRepr.Of(value)), precision),
            'c' => Character(value),
            'd' or 'i' or 'u' => Sign(Integer(kind, value, allowFloat: true), flags, digits => digits.ToString(CultureInfo.InvariantCulture).PadLeft(precision ?? 0, '0')),
            'x' or 'X' or 'o' => Sign(Integer(kind, value, allowFloat: false), flags, digits => (flags.Contains('#') ? $"0{kind}" : "") + PyFormat.Radix(digits, kind).PadLeft(precision ?? 0, '0')),
            'e' or 'E' or 'f' or 'F' or 'g' or 'G' => Float(kind, value, flags, precision ?? 6),
            _ => throw TemplateException.Value($"unsupported format character '{kind}' (0x{(int)kind:x})"),
        };

        private static string Cut(string text, int? most) => most is { } count && PyText.Length(text) > count ? text[..PyText.Utf16Index(text, count)] : text;

        private static string Character(object? value) => value switch
        {
            BigInteger code when code >= 0 && code < 0x110000 && Rune.IsValid((int)code) => new Rune((int)code).ToString(),
            _ when PyValue.AsText(value) is { } text && PyText.Length(text) == 1 => text,
            _ => throw TemplateException.Type("%c requires int or char"),
        };

        private static BigInteger Integer(char kind, object? value, bool allowFloat)
        {
            if (allowFloat && value is PyUndefined undefined)
                throw undefined.Error;
            if (allowFloat && value is double number)
                return PyConversion.ToInteger(number);
            return PyValue.AsInteger(value)
                ?? throw TemplateException.Type($"%{kind} format: a{(allowFloat ? " real number" : "n integer")} is required, not {PyValue.TypeName(value)}");
        }

        private static string Float(char kind, object? value, string flags, int precision)
        {
            if (value is PyUndefined undefined)
                throw undefined.Error;
            var number = PyValue.AsFloat(value) ?? throw TemplateException.Type($"must be real number, not {PyValue.TypeName(value)}");
            var sign = double.IsNegative(number) && !double.IsNaN(number) ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
            return sign + PyFormat.FloatDigits(number, kind, precision, flags.Contains('#'));
        }

        private static string Sign(BigInteger number, string flags, Func<BigInteger, string> digits) =>
            (number.Sign < 0 ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "") + digits(BigInteger.Abs(number));

        private static string Pad(string text, string flags, int width, char kind)
        {
            var missing = width - PyText.Length(text);
            if (missing <= 0)
                return text;
            if (flags.Contains('-'))
                return text + new string(' ', missing);
            if (!flags.Contains('0') || kind is 's' or 'r' or 'a' or 'c')
                return new string(' ', missing) + text;
            var start = text.Length > 0 && text[0] is '-' or '+' or ' ' ? 1 : 0;
            return text[..start] + new string('0', missing) + text[start..];
        }
    }
}
