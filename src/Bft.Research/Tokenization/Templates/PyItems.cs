using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>
/// Attributes, elements and slices, with Jinja's rules: what is not there is undefined, and <c>a.b</c> and <c>a["b"]</c> fall back on each other.
/// </summary>
internal static class PyItems
{
    /// <summary><c>owner.name</c>: the attribute first, then the element.</summary>
    public static object? Attribute(object? owner, string name)
    {
        if (IsPrivate(name))
            return Private(owner, name);
        if (TryAttribute(owner, name, out var value))
            return value;
        return TryElement(owner, name, out value) ? value : PyUndefined.Element(owner, name);
    }

    /// <summary><c>owner[key]</c>: the element first, then the attribute.</summary>
    public static object? Element(object? owner, object? key)
    {
        if (owner is PyUndefined undefined)
            throw undefined.Error;
        if (TryElement(owner, key, out var value))
            return value;
        if (PyValue.AsText(key) is not { } name)
            return PyUndefined.Element(owner, key);
        if (IsPrivate(name))
            return Private(owner, name);
        return TryAttribute(owner, name, out value) ? value : PyUndefined.Element(owner, name);
    }

    /// <summary><c>owner[start:stop:step]</c>.</summary>
    public static object? Slice(object? owner, object? start, object? stop, object? step)
    {
        if (owner is PyUndefined undefined)
            throw undefined.Error;
        if (PyValue.AsText(owner) is { } text)
        {
            var characters = PyText.Characters(text);
            var part = string.Concat(Places(characters.Length, start, stop, step).Select(at => characters[at]));
            return owner is PyMarkup ? new PyMarkup(part) : part;
        }

        if (owner is PyRange range)
            return SliceOf(range, start, stop, step);
        return owner switch
        {
            PyList list => new PyList([.. Places(list.Items.Count, start, stop, step).Select(at => list.Items[at])]),
            PyTuple tuple => new PyTuple([.. Places(tuple.Items.Count, start, stop, step).Select(at => tuple.Items[at])]),
            PyDict => throw TemplateException.Type("unhashable type: 'slice'"),
            _ => throw TemplateException.Type($"'{PyValue.TypeName(owner)}' object is not subscriptable"),
        };
    }

    private static PyRange SliceOf(PyRange range, object? start, object? stop, object? step)
    {
        var (first, end, by) = Bounds(range.Count, start, stop, step);
        return new(range.Start + first * range.Step, range.Start + end * range.Step, range.Step * by);
    }

    private static IEnumerable<int> Places(int length, object? start, object? stop, object? step)
    {
        var (first, end, by) = Bounds(length, start, stop, step);
        for (long at = first; by > 0 ? at < end : at > end; at += by)
            yield return (int)at;
    }

    private static (int Start, int End, int Step) Bounds(int length, object? start, object? stop, object? step)
    {
        var by = step is null ? 1 : Index(step);
        if (by == 0)
            throw TemplateException.Value("slice step cannot be zero");
        int Place(object? value, int otherwise)
        {
            if (value is null)
                return otherwise;
            var place = Index(value);
            place = place < 0 ? place + length : place;
            return by > 0 ? Math.Clamp(place, 0, length) : Math.Clamp(place, -1, length - 1);
        }

        return (Place(start, by > 0 ? 0 : length - 1), Place(stop, by > 0 ? length : -1), by);
    }

    private static int Index(object? value) => PyValue.AsInteger(value) is { } number
        ? (int)BigInteger.Max(int.MinValue / 2, BigInteger.Min(int.MaxValue / 2, number))
        : throw TemplateException.Type("slice indices must be integers or None or have an __index__ method");

    private static bool TryAttribute(object? owner, string name, out object? value)
    {
        value = null;
        return owner switch
        {
            string text => PyStringMethods.TryGet(text, name, out value),
            PyObject other => other.TryAttribute(name, out value),
            bool or BigInteger or double => PyNumberMethods.TryGet(owner, name, out value),
            _ => false,
        };
    }

    private static bool TryElement(object? owner, object? key, out object? value)
    {
        value = null;
        if (owner is PyDict dict)
            return key is not (PyList or PyDict or PyDictView) && dict.TryGet(key, out value);
        if (PyValue.AsInteger(key) is not { } index)
            return false;
        var items = PyValue.AsText(owner) is { } text ? PyText.Characters(text) : PyValue.Sequence(owner);
        index = index.Sign < 0 ? index + (items?.Count ?? 0) : index;
        if (items is null || index.Sign < 0 || index >= items.Count)
            return false;
        value = owner is PyMarkup ? new PyMarkup((string)items[(int)index]!) : items[(int)index];
        return true;
    }

    private static bool IsPrivate(string name) => name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && name.Length > 4;

    private static object? Private(object? owner, string name)
    {
        if (TryElement(owner, name, out var value))
            return value;
        return PySequenceMethods.Unsafe(owner, name);
    }
}

/// <summary>The few attributes of numbers.</summary>
internal static class PyNumberMethods
{
    public static bool TryGet(object owner, string name, out object? value)
    {
        value = (owner, name) switch
        {
            (double number, "is_integer") => PySequenceMethods.Method(name, a => { a.Only(0, 0); return double.IsFinite(number) && number == Math.Floor(number); }),
            (_, "real") => owner is bool flag ? (BigInteger)(flag ? 1 : 0) : owner,
            (double, "imag") => 0.0,
            (_, "imag") => BigInteger.Zero,
            (bool or BigInteger, "numerator") => PyValue.AsInteger(owner),
            (bool or BigInteger, "denominator") => BigInteger.One,
            (_, "conjugate" or "bit_length" or "bit_count" or "to_bytes" or "from_bytes" or "as_integer_ratio" or "hex" or "fromhex") =>
                throw TemplateException.Refused($"the method {PyValue.TypeName(owner)}.{name}"),
            _ => null,
        };
        return value is not null;
    }
}
