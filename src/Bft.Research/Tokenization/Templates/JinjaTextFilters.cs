using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization;

/// <summary>Filters that make text.</summary>
internal static partial class JinjaTextFilters
{
    public static Dictionary<string, Func<object?, PyArguments, object?>> All { get; } = new(StringComparer.Ordinal)
    {
        ["upper"] = (v, a) => JinjaFilters.Plain(a, PyCase.Upper(PyValue.Text(v))),
        ["lower"] = (v, a) => JinjaFilters.Plain(a, PyCase.Lower(PyValue.Text(v))),
        ["capitalize"] = (v, a) => JinjaFilters.Plain(a, PyCase.Capitalize(PyValue.Text(v))),
        ["title"] = (v, a) => JinjaFilters.Plain(a, Title(PyValue.Text(v))),
        ["trim"] = (v, a) => Trim(PyValue.Text(v), a.Bind(("chars", null))[0]),
        ["string"] = (v, a) => JinjaFilters.Plain(a, v is PyMarkup ? v : PyValue.Text(v)),
        ["replace"] = Replace,
        ["format"] = Format,
        ["indent"] = Indent,
        ["truncate"] = Truncate,
        ["center"] = (v, a) => Center(PyValue.Text(v), a.Bind(("width", (BigInteger)80))[0]),
        ["wordcount"] = (v, a) => JinjaFilters.Plain(a, (BigInteger)Word().Count(PyValue.Text(v))),
        ["escape"] = (v, a) => JinjaFilters.Plain(a, PyMarkup.Escape(v)),
        ["e"] = (v, a) => JinjaFilters.Plain(a, PyMarkup.Escape(v)),
        ["forceescape"] = (v, a) => JinjaFilters.Plain(a, PyMarkup.Escape(PyValue.Text(v))),
        ["safe"] = (v, a) => JinjaFilters.Plain(a, v as PyMarkup ?? new(PyValue.Text(v))),
        ["urlencode"] = (v, a) => JinjaFilters.Plain(a, UrlEncode(v)),
        ["join"] = Join,
    };

    private static string Title(string text) => string.Concat(WordStart().Split(text).Where(part => part.Length > 0).Select(part =>
    {
        var first = part.EnumerateRunes().First().Utf16SequenceLength;
        return PyCase.Upper(part[..first]) + PyCase.Lower(part[first..]);
    }));

    private static string Trim(string text, object? characters) => characters is null
        ? PyText.Trim(text)
        : PyText.Trim(text, PyValue.AsText(characters) ?? throw TemplateException.Type("strip arg must be None or str"));

    private static string Replace(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("old", PyArguments.Required), ("new", PyArguments.Required), ("count", null));
        return PyText.Replace(PyValue.Text(value), PyValue.Text(bound[0]), PyValue.Text(bound[1]), bound[2] is null ? -1 : PyArguments.Whole(bound[2]));
    }

    private static string Format(object? value, PyArguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
            throw TemplateException.Argument("can't handle positional and keyword arguments at the same time");
        PyObject values = arguments.Named.Count > 0
            ? new PyDict(arguments.Named.Select(pair => KeyValuePair.Create((object?)pair.Key, pair.Value)))
            : new PyTuple(arguments.Positional);
        return PyPercent.Format(PyValue.Text(value), values);
    }

    private static object Indent(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("width", (BigInteger)4), ("first", false), ("blank", false));
        var indention = PyValue.AsText(bound[0]) ?? PyOperators.Repeat(" ", PyValue.AsInteger(bound[0])
            ?? throw TemplateException.Type($"can't multiply sequence by non-int of type '{PyValue.TypeName(bound[0])}'"));
        if (value is PyUndefined undefined)
            throw undefined.Error;
        if (value is PyList)
            throw new TemplateException("AttributeError", "'list' object has no attribute 'splitlines'");
        var text = PyValue.AsText(value) ?? throw TemplateException.Type($"unsupported operand type(s) for +=: '{PyValue.TypeName(value)}' and 'str'");
        var lines = PyText.Lines(text + "\n");
        var blank = PyValue.Truth(bound[2]);
        var result = string.Join("\n", lines.Select((line, i) => i > 0 && (blank || line.Length > 0) ? indention + line : line));
        result = PyValue.Truth(bound[1]) ? indention + result : result;
        return value is PyMarkup ? new PyMarkup(result) : result;
    }

    private static object? Truncate(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("length", (BigInteger)255), ("killwords", false), ("end", "..."), ("leeway", null));
        int length = PyArguments.Whole(bound[0]), leeway = bound[3] is null ? 5 : PyArguments.Whole(bound[3]);
        var end = PyValue.AsText(bound[2]) ?? throw TemplateException.Type($"object of type '{PyValue.TypeName(bound[2])}' has no len()");
        var endLength = PyText.Length(end);
        if (length < endLength)
            throw new TemplateException("AssertionError", $"expected length >= {endLength}, got {length}");
        if (leeway < 0)
            throw new TemplateException("AssertionError", $"expected leeway >= 0, got {leeway}");
        if (PyValue.Length(value) <= length + leeway)
            return value;
        var text = PyValue.AsText(value) ?? throw TemplateException.Type($"can only concatenate {PyValue.TypeName(value)} (not \"str\") to {PyValue.TypeName(value)}");
        var kept = text[..PyText.Utf16Index(text, length - endLength)];
        if (!PyValue.Truth(bound[1]) && kept.LastIndexOf(' ') is var space and >= 0)
            kept = kept[..space];
        return kept + end;
    }

    private static string Center(string text, object? width)
    {
        var wanted = PyArguments.Whole(width);
        var missing = Math.Max(0, wanted - PyText.Length(text));
        var before = missing / 2 + (missing & wanted & 1);
        return PyOperators.Repeat(" ", before) + text + PyOperators.Repeat(" ", missing - before);
    }

    private static string Join(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("d", ""), ("attribute", null));
        var items = PyValue.Iterate(value);
        if (bound[1] is not null)
            items = items.Select(JinjaSequenceFilters.Getter(bound[1]));
        return string.Join(PyValue.Text(bound[0]), items.Select(PyValue.Text));
    }

    private static string UrlEncode(object? value)
    {
        if (PyValue.AsText(value) is not null || !PyValue.CanIterate(value))
            return Quote(value, inQuery: false);
        var pairs = value is PyDict dict ? dict.Pairs.Select(pair => (pair.Key, pair.Value)) : PyValue.Iterate(value).Select(Pair);
        return string.Join("&", pairs.Select(pair => $"{Quote(pair.Key, inQuery: true)}={Quote(pair.Value, inQuery: true)}"));
    }

    private static (object? Key, object? Value) Pair(object? item)
    {
        object?[] parts = [.. PyValue.Iterate(item)];
        return parts.Length == 2
            ? (parts[0], parts[1])
            : throw TemplateException.Value(parts.Length > 2 ? "too many values to unpack (expected 2)" : $"not enough values to unpack (expected 2, got {parts.Length})");
    }

    private static string Quote(object? value, bool inQuery)
    {
        var result = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(PyValue.Text(value)))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (c == '/' && !inQuery))
                result.Append(c);
            else
                result.Append(c == ' ' && inQuery ? "+" : $"%{b:X2}");
        }

        return result.ToString();
    }

    [GeneratedRegex(@"([-\s({\[<]+)", RegexOptions.CultureInvariant)]
    private static partial Regex WordStart();

    [GeneratedRegex(@"[\p{L}\p{N}_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
