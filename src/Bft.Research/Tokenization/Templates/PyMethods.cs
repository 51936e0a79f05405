using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>The methods of list, tuple and range that do not change them; those that would are refused as in Jinja's immutable sandbox.</summary>
internal static class PySequenceMethods
{
    private static readonly string[] s_changing = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];

    public static bool TryGet(PyObject owner, IReadOnlyList<object?> items, string name, out object? value)
    {
        value = name switch
        {
            "count" => Method(name, a => (BigInteger)items.Count(item => PyValue.AreEqual(item, a.Only(1, 1)[0]))),
            "index" => Method(name, a => Index(items, a)),
            "copy" when owner is PyList => Method(name, a => { a.Only(0, 0); return owner; }),
            _ when owner is PyList && s_changing.Contains(name) => Unsafe(owner, name),
            _ => null,
        };
        return value is not null;
    }

    /// <summary>What a refused attribute gives: undefined, with an error that says why at its first use.</summary>
    public static PyUndefined Unsafe(object? owner, string name) =>
        new($"access to attribute '{name}' of '{PyValue.TypeName(owner)}' object is unsafe.", "SecurityError");

    public static PyFunction Method(string name, Func<PyArguments, object?> call) => new(name, call, "builtin_function_or_method");

    private static object Index(IReadOnlyList<object?> items, PyArguments arguments)
    {
        var wanted = arguments.Only(1, 3);
        var start = wanted.Count > 1 ? PyArguments.Whole(wanted[1]) : 0;
        var end = wanted.Count > 2 ? PyArguments.Whole(wanted[2]) : items.Count;
        start = start < 0 ? Math.Max(0, start + items.Count) : start;
        end = Math.Min(end < 0 ? end + items.Count : end, items.Count);
        for (var i = start; i < end; i++)
            if (PyValue.AreEqual(items[i], wanted[0]))
                return (BigInteger)i;
        throw TemplateException.Value($"{PyRepr.Of(wanted[0])} is not in list");
    }
}

/// <summary>The methods of dict that do not change it.</summary>
internal static class PyDictMethods
{
    private static readonly string[] s_changing = ["clear", "pop", "popitem", "setdefault", "update"];

    public static bool TryGet(PyDict dict, string name, out object? value)
    {
        value = name switch
        {
            "items" => PySequenceMethods.Method(name, a => View(a, "dict_items", dict.Pairs.Select(pair => (object?)new PyTuple([pair.Key, pair.Value])))),
            "keys" => PySequenceMethods.Method(name, a => View(a, "dict_keys", dict.Pairs.Select(pair => pair.Key))),
            "values" => PySequenceMethods.Method(name, a => View(a, "dict_values", dict.Pairs.Select(pair => pair.Value))),
            "get" => PySequenceMethods.Method(name, a => dict.TryGet(a.Only(1, 2)[0], out var found) ? found : a.Positional.Count > 1 ? a.Positional[1] : null),
            "copy" => PySequenceMethods.Method(name, a => { a.Only(0, 0); return dict; }),
            "fromkeys" => throw TemplateException.Refused("the method dict.fromkeys"),
            _ when s_changing.Contains(name) => PySequenceMethods.Unsafe(dict, name),
            _ => null,
        };
        return value is not null;
    }

    private static PyDictView View(PyArguments arguments, string type, IEnumerable<object?> items)
    {
        arguments.Only(0, 0);
        return new(type, [.. items]);
    }
}
