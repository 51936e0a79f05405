using System.Globalization;

namespace Bft.Research.Tokenization;

/// <summary>Functions that every chat template can call.</summary>
internal static class JinjaGlobals
{
    /// <summary>The functions by name.</summary>
    /// <param name="time">Clock of strftime_now.</param>
    public static IEnumerable<KeyValuePair<string, object?>> All(TimeProvider time) =>
    [
        Function("range", Range),
        Function("dict", Dict),
        Function("namespace", a => new PyNamespace(Dict(a))),
        Function("cycler", a => a.Positional.Count > 0 ? new PyCycler(a.Positional)
            : throw new TemplateException("RuntimeError", "at least one item has to be provided")),
        Function("joiner", a => new PyJoiner(PyValue.Text(a.Bind(("sep", ", "))[0]))),
        Function("lipsum", _ => throw TemplateException.Refused("the function lipsum")),
        Function("raise_exception", a => throw new TemplateException("TemplateError", PyValue.Text(a.Bind(("message", PyArguments.Required))[0]))),
        Function("strftime_now", a => Time(time.GetLocalNow().DateTime, PyValue.Text(a.Bind(("format", PyArguments.Required))[0]))),
    ];

    private static KeyValuePair<string, object?> Function(string name, Func<PyArguments, object?> call) => new(name, new PyFunction(name, call));

    private static PyRange Range(PyArguments arguments)
    {
        var bounds = arguments.Only(1, 3).Select(value => PyValue.AsInteger(value)
            ?? throw TemplateException.Type($"'{PyValue.TypeName(value)}' object cannot be interpreted as an integer")).ToArray();
        return bounds.Length == 1 ? new(0, bounds[0], 1) : new(bounds[0], bounds[1], bounds.Length > 2 ? bounds[2] : 1);
    }

    private static PyDict Dict(PyArguments arguments)
    {
        if (arguments.Positional.Count > 1)
            throw TemplateException.Type($"dict expected at most 1 argument, got {arguments.Positional.Count}");
        if (arguments.Positional.FirstOrDefault() is PyUndefined undefined)
            throw undefined.Error;
        var dict = new PyDict((arguments.Positional.FirstOrDefault() as PyDict)?.Pairs);
        if (arguments.Positional.Count == 1 && arguments.Positional[0] is not PyDict)
            foreach (var pair in PyValue.Iterate(arguments.Positional[0]))
                dict.Set(Half(pair, 0), Half(pair, 1));
        foreach (var (name, value) in arguments.Named)
            dict.Set(name, value);
        return dict;
    }

    private static object? Half(object? pair, int at)
    {
        object?[] parts = PyValue.CanIterate(pair) ? [.. PyValue.Iterate(pair)]
            : throw TemplateException.Type("cannot convert dictionary update sequence element #0 to a sequence");
        return parts.Length == 2 ? parts[at] : throw TemplateException.Value($"dictionary update sequence element #0 has length {parts.Length}; 2 is required");
    }

    /// <summary>C's strftime, in English.</summary>
    private static string Time(DateTime now, string format)
    {
        var text = "";
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text += format[i];
                continue;
            }

            var unpadded = format[++i] == '-' && i + 1 < format.Length;
            var part = Part(now, unpadded ? format[++i] : format[i]);
            text += unpadded && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } rest ? rest : "0" : part;
        }

        return text;
    }

    private static string Part(DateTime now, char kind)
    {
        string Net(string pattern) => now.ToString(pattern, CultureInfo.InvariantCulture);
        return kind switch
        {
            'd' => Net("dd"),
            'm' => Net("MM"),
            'Y' => Net("yyyy"),
            'y' => Net("yy"),
            'b' or 'h' => Net("MMM"),
            'B' => Net("MMMM"),
            'a' => Net("ddd"),
            'A' => Net("dddd"),
            'H' => Net("HH"),
            'I' => Net("hh"),
            'M' => Net("mm"),
            'S' => Net("ss"),
            'f' => Net("ffffff"),
            'p' => Net("tt"),
            'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'u' => ((int)now.DayOfWeek == 0 ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => Net("yyyy-MM-dd"),
            'T' => Net("HH:mm:ss"),
            'R' => Net("HH:mm"),
            'D' => Net("MM/dd/yy"),
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => throw TemplateException.Refused($"the time format %{kind}"),
        };
    }
}

/// <summary>What <c>cycler(...)</c> gives.</summary>
internal sealed class PyCycler(IReadOnlyList<object?> items) : PyObject
{
    private int _at;

    public override string TypeName => "Cycler";

    public override bool TryAttribute(string name, out object? value)
    {
        (var known, value) = name switch
        {
            "current" => (true, items[_at]),
            "next" => (true, new PyFunction(name, _ => Next())),
            "reset" => (true, new PyFunction(name, _ => { _at = 0; return null; })),
            _ => (false, null),
        };
        return known;
    }

    private object? Next()
    {
        var item = items[_at];
        _at = (_at + 1) % items.Count;
        return item;
    }
}

/// <summary>What <c>joiner(...)</c> gives: nothing at the first call, the separator afterwards.</summary>
internal sealed class PyJoiner(string separator) : PyObject
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override Func<PyArguments, object?> Callable => _ =>
    {
        var text = _used ? separator : "";
        _used = true;
        return text;
    };
}
