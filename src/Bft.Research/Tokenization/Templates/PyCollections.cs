using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>A list. Templates cannot change it: the methods that would are refused, as in Jinja's immutable sandbox.</summary>
internal sealed class PyList(IReadOnlyList<object?> items) : PyObject
{
    public IReadOnlyList<object?> Items => items;

    public override string TypeName => "list";

    public override bool Truth => items.Count > 0;

    public override int? Length => items.Count;

    public override string Repr() => $"[{string.Join(", ", items.Select(PyRepr.Of))}]";

    public override IEnumerable<object?> Iterate() => items;

    public override bool TryAttribute(string name, out object? value) => PySequenceMethods.TryGet(this, items, name, out value);
}

/// <summary>A tuple; a pair of groupby also has names for its parts.</summary>
internal sealed class PyTuple(IReadOnlyList<object?> items, params string[] names) : PyObject
{
    public IReadOnlyList<object?> Items => items;

    public override string TypeName => "tuple";

    public override bool Truth => items.Count > 0;

    public override int? Length => items.Count;

    public override string Repr() => items.Count == 1 ? $"({PyRepr.Of(items[0])},)" : $"({string.Join(", ", items.Select(PyRepr.Of))})";

    public override IEnumerable<object?> Iterate() => items;

    public override bool TryAttribute(string name, out object? value)
    {
        var at = Array.IndexOf(names, name);
        if (at < 0)
            return PySequenceMethods.TryGet(this, items, name, out value);
        value = items[at];
        return true;
    }
}

/// <summary>A range of integers.</summary>
internal sealed class PyRange : PyObject
{
    private const int LongestInSandbox = 100_000;

    public PyRange(BigInteger start, BigInteger stop, BigInteger step)
    {
        if (step.IsZero)
            throw TemplateException.Value("range() arg 3 must not be zero");
        (Start, Stop, Step) = (start, stop, step);
        var count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        if (count > LongestInSandbox)
            throw new TemplateException("OverflowError", $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({LongestInSandbox}).");
        Count = count.Sign > 0 && (step > 0 ? stop > start : stop < start) ? (int)count : 0;
    }

    public BigInteger Start { get; }

    public BigInteger Stop { get; }

    public BigInteger Step { get; }

    public int Count { get; }

    public override string TypeName => "range";

    public override bool Truth => Count > 0;

    public override int? Length => Count;

    public IReadOnlyList<object?> Items => [.. Iterate()];

    public override string Repr() => Step.IsOne ? $"range({Start}, {Stop})" : $"range({Start}, {Stop}, {Step})";

    public override IEnumerable<object?> Iterate() => Enumerable.Range(0, Count).Select(i => (object?)(Start + i * Step));

    public override bool TryAttribute(string name, out object? value)
    {
        (var known, value) = name switch { "start" => (true, (object?)Start), "stop" => (true, Stop), "step" => (true, Step), _ => (false, null) };
        return known || PySequenceMethods.TryGet(this, Items, name, out value);
    }
}

/// <summary>A key of a dict: equal as Python has it, so that 1, 1.0 and True are one key.</summary>
internal readonly struct PyKey(object? value) : IEquatable<PyKey>
{
    private readonly object? _value = value;

    public bool Equals(PyKey other) => PyValue.AreEqual(_value, other._value);

    public override bool Equals(object? obj) => obj is PyKey other && Equals(other);

    public override int GetHashCode() => PyValue.Hash(_value);
}

/// <summary>A dict in order of insertion.</summary>
internal sealed class PyDict : PyObject
{
    private readonly List<KeyValuePair<object?, object?>> _pairs = [];
    private readonly Dictionary<PyKey, int> _places = [];

    public PyDict(IEnumerable<KeyValuePair<object?, object?>>? pairs = null)
    {
        foreach (var (key, value) in pairs ?? [])
            Set(key, value);
    }

    public IReadOnlyList<KeyValuePair<object?, object?>> Pairs => _pairs;

    public override string TypeName => "dict";

    public override bool Truth => _pairs.Count > 0;

    public override int? Length => _pairs.Count;

    /// <summary>Adds or replaces; for use while the dict is made, and by namespaces.</summary>
    public void Set(object? key, object? value)
    {
        if (_places.TryGetValue(new(key), out var at))
        {
            _pairs[at] = new(_pairs[at].Key, value);
            return;
        }

        _places[new(key)] = _pairs.Count;
        _pairs.Add(new(key, value));
    }

    public bool TryGet(object? key, out object? value)
    {
        _ = PyValue.Hash(key); // an empty dictionary would not ask for it
        var found = _places.TryGetValue(new(key), out var at);
        value = found ? _pairs[at].Value : null;
        return found;
    }

    public override string Repr() => $"{{{string.Join(", ", _pairs.Select(pair => $"{PyRepr.Of(pair.Key)}: {PyRepr.Of(pair.Value)}"))}}}";

    public override IEnumerable<object?> Iterate() => _pairs.Select(pair => pair.Key);

    public override bool TryAttribute(string name, out object? value) => PyDictMethods.TryGet(this, name, out value);
}

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> give.</summary>
internal sealed class PyDictView(string typeName, IReadOnlyList<object?> items) : PyObject
{
    public override string TypeName => typeName;

    public override bool Truth => items.Count > 0;

    public override int? Length => items.Count;

    public override string Repr() => $"{typeName}([{string.Join(", ", items.Select(PyRepr.Of))}])";

    public override IEnumerable<object?> Iterate() => items;
}
