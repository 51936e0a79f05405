using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>JSON as Python's <c>json</c> reads and writes it.</summary>
internal sealed class PyJson
{
    private readonly StringBuilder _text = new();
    private readonly bool _ascii;
    private readonly bool _sorted;
    private readonly string? _indent;
    private readonly string _itemEnd;
    private readonly string _keyEnd;

    private PyJson(bool ascii, object? indent, object? separators, bool sorted)
    {
        (_ascii, _sorted) = (ascii, sorted);
        _indent = indent is null ? null : PyValue.AsText(indent) ?? PyOperators.Repeat(" ", PyArguments.Whole(indent));
        (_itemEnd, _keyEnd) = (_indent is null ? ", " : ",", ": ");
        if (separators is null)
            return;
        if (PyValue.Sequence(separators) is not [var item, var key])
            throw TemplateException.Value("separators must be a pair");
        (_itemEnd, _keyEnd) = (PyValue.Text(item), PyValue.Text(key));
    }

    /// <summary>The filter <c>tojson</c> of chat templates: HTML is not escaped, non-ASCII characters stay.</summary>
    /// <exception cref="TemplateException">TypeError: a value or key that JSON cannot hold.</exception>
    public static string Filter(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("ensure_ascii", false), ("indent", null), ("separators", null), ("sort_keys", false));
        var writer = new PyJson(PyValue.Truth(bound[0]), bound[1], bound[2], PyValue.Truth(bound[3]));
        writer.Write(value, 0);
        return writer._text.ToString();
    }

    /// <summary>A value of a template from JSON.</summary>
    public static object? Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => new PyList([.. json.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => new PyDict(json.EnumerateObject().Select(property => KeyValuePair.Create((object?)property.Name, Read(property.Value)))),
        _ => throw new ArgumentException($"json: expected a value, actual {json.ValueKind}.", nameof(json)),
    };

    private static object Number(string text) => text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0
        ? double.Parse(text, CultureInfo.InvariantCulture)
        : BigInteger.Parse(text, CultureInfo.InvariantCulture);

    private void Write(object? value, int depth)
    {
        switch (value)
        {
            case null or bool:
                _text.Append(Word(value));
                break;
            case BigInteger or double:
                _text.Append(Word(value));
                break;
            case string or PyMarkup:
                String(PyValue.AsText(value)!);
                break;
            case PyDict dict:
                Dict(dict, depth);
                break;
            case PyList or PyTuple:
                Items(PyValue.Sequence(value)!, '[', ']', depth, item => Write(item, depth + 1));
                break;
            default:
                throw TemplateException.Type($"Object of type {PyValue.TypeName(value)} is not JSON serializable");
        }
    }

    private static string Word(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number when !double.IsFinite(number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        _ => PyRepr.Of(value),
    };

    private void Dict(PyDict dict, int depth)
    {
        Items(_sorted ? PyComparison.Sorted(dict.Pairs, pair => pair.Key) : dict.Pairs, '{', '}', depth, pair =>
        {
            String(pair.Key switch
            {
                string or PyMarkup => PyValue.AsText(pair.Key)!,
                null or bool or BigInteger or double => Word(pair.Key),
                var key => throw TemplateException.Type($"keys must be str, int, float, bool or None, not {PyValue.TypeName(key)}"),
            });
            _text.Append(_keyEnd);
            Write(pair.Value, depth + 1);
        });
    }

    private void Items<T>(IReadOnlyList<T> items, char open, char close, int depth, Action<T> write)
    {
        _text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _text.Append(_itemEnd);
            Line(depth + 1);
            write(items[i]);
        }

        if (items.Count > 0)
            Line(depth);
        _text.Append(close);
    }

    private void Line(int depth)
    {
        if (_indent is null)
            return;
        _text.Append('\n');
        for (var i = 0; i < depth; i++)
            _text.Append(_indent);
    }

    private void String(string text)
    {
        _text.Append('"');
        foreach (var c in text)
            _text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                _ when c < ' ' || (_ascii && c > '~') => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        _text.Append('"');
    }
}
