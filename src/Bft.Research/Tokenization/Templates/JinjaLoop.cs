using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>The variable <c>loop</c>. Items are taken one at a time; <c>last</c> and <c>nextitem</c> look one ahead, <c>length</c> takes the rest.</summary>
internal sealed class JinjaLoop : PyObject
{
    private static readonly object s_missing = new();
    private readonly int? _knownLength;
    private readonly Func<PyArguments, object?>? _recurse;
    private readonly int _depth0;
    private IEnumerator<object?> _items;
    private object? _after = s_missing;
    private object? _current = s_missing;
    private object? _before = s_missing;
    private object? _lastChanged = s_missing;
    private int? _length;

    public JinjaLoop(object? iterable, IEnumerable<object?> items, Func<PyArguments, object?>? recurse, int depth0)
    {
        _knownLength = iterable is string text ? PyText.Length(text) : (iterable as PyObject)?.Length;
        _items = items.GetEnumerator();
        _recurse = recurse;
        _depth0 = depth0;
    }

    public override string TypeName => "LoopContext";

    public override int? Length => Count();

    public override Func<PyArguments, object?> Callable => _recurse ?? (_ => throw TemplateException.Type("The loop must have the 'recursive' marker to be called recursively."));

    /// <summary>Index of the current item; -1 before the first.</summary>
    public int Index0 { get; private set; } = -1;

    public object? Current => _current;

    public bool MoveNext()
    {
        var next = Peek();
        if (ReferenceEquals(next, s_missing))
            return false;
        _after = s_missing;
        Index0++;
        _before = _current;
        _current = next;
        return true;
    }

    public override string Repr() => $"<LoopContext {Index0 + 1}/{Count()}>";

    public override IEnumerable<object?> Iterate() => throw TemplateException.Refused("iterating over loop");

    public override bool TryAttribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => (BigInteger)(Index0 + 1),
            "index0" => (BigInteger)Index0,
            "revindex" => (BigInteger)(Count() - Index0),
            "revindex0" => (BigInteger)(Count() - Index0 - 1),
            "first" => Index0 == 0,
            "last" => ReferenceEquals(Peek(), s_missing),
            "length" => (BigInteger)Count(),
            "depth" => (BigInteger)(_depth0 + 1),
            "depth0" => (BigInteger)_depth0,
            "previtem" => Index0 == 0 ? new PyUndefined("there is no previous item") : _before,
            "nextitem" => Peek() is var next && ReferenceEquals(next, s_missing) ? new PyUndefined("there is no next item") : next,
            "cycle" => new PyFunction(name, a => a.Positional.Count > 0 ? a.Positional[Index0 % a.Positional.Count]
                : throw TemplateException.Type("no items for cycling given")),
            "changed" => new PyFunction(name, a => Changed(new(a.Positional))),
            _ => s_missing,
        };
        return !ReferenceEquals(value, s_missing);
    }

    private object? Peek()
    {
        if (ReferenceEquals(_after, s_missing) && _items.MoveNext())
            _after = _items.Current;
        return _after;
    }

    private int Count()
    {
        if (_knownLength is { } known)
            return known;
        if (_length is null)
        {
            var rest = new List<object?>();
            while (_items.MoveNext())
                rest.Add(_items.Current);
            _items = rest.GetEnumerator();
            _length = rest.Count + Index0 + 1 + (ReferenceEquals(_after, s_missing) ? 0 : 1);
        }

        return _length.Value;
    }

    private bool Changed(PyTuple values)
    {
        if (_lastChanged is PyTuple last && PyValue.AreEqual(last, values))
            return false;
        _lastChanged = values;
        return true;
    }
}
