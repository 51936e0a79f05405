using System.Globalization;
using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>Filters on lists, dicts and whatever can be iterated.</summary>
internal static class JinjaSequenceFilters
{
    public static Dictionary<string, Func<object?, PyArguments, object?>> All { get; } = new(StringComparer.Ordinal)
    {
        ["length"] = (v, a) => JinjaFilters.Plain(a, (BigInteger)PyValue.Length(v)),
        ["count"] = (v, a) => JinjaFilters.Plain(a, (BigInteger)PyValue.Length(v)),
        ["list"] = (v, a) => JinjaFilters.Plain(a, new PyList([.. PyValue.Iterate(v)])),
        ["first"] = (v, a) => JinjaFilters.Plain(a, First(PyValue.Iterate(v), "No first item, sequence was empty.")),
        ["last"] = (v, a) => JinjaFilters.Plain(a, First(Reversed(v)
            ?? throw TemplateException.Type($"'{PyValue.TypeName(v)}' object is not reversible"), "No last item, sequence was empty.")),
        ["reverse"] = (v, a) => JinjaFilters.Plain(a, Reverse(v)),
        ["items"] = (v, a) => JinjaFilters.Plain(a, new PyIterator("generator", Items(v))),
        ["batch"] = Batch,
        ["slice"] = Slice,
        ["sort"] = Sort,
        ["dictsort"] = DictSort,
        ["groupby"] = GroupBy,
        ["unique"] = Unique,
        ["sum"] = Sum,
        ["min"] = (v, a) => Extreme(v, a, "<"),
        ["max"] = (v, a) => Extreme(v, a, ">"),
    };

    /// <summary>Reads an attribute such as <c>a.0.b</c> of an item; none for null.</summary>
    public static Func<object?, object?> Getter(object? attribute, object? otherwise = null)
    {
        IReadOnlyList<object?> parts = attribute is null ? [] : PyValue.AsText(attribute) is { } path
            ? [.. path.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? BigInteger.Parse(part, CultureInfo.InvariantCulture) : (object?)part)]
            : [attribute];
        return item =>
        {
            foreach (var part in parts)
            {
                item = PyItems.Element(item, part);
                if (otherwise is not null && item is PyUndefined)
                    item = otherwise;
            }

            return item;
        };
    }

    private static object? First(IEnumerable<object?> items, string hint)
    {
        foreach (var item in items)
            return item;
        return new PyUndefined(hint);
    }

    private static IEnumerable<object?>? Reversed(object? value) => value switch
    {
        string or PyMarkup or PyList or PyTuple or PyRange or PyDict or PyDictView or PyUndefined => PyValue.Iterate(value).Reverse(),
        _ => null,
    };

    private static object Reverse(object? value)
    {
        if (PyValue.AsText(value) is { } text)
            return string.Concat(PyText.Characters(text).Reverse());
        if (Reversed(value) is { } reversed)
            return new PyIterator($"{PyValue.TypeName(value)}_reverseiterator", reversed);
        return PyValue.CanIterate(value) ? new PyList([.. PyValue.Iterate(value).Reverse()]) : throw TemplateException.Argument("argument must be iterable");
    }

    private static IEnumerable<object?> Items(object? value)
    {
        if (value is PyUndefined)
            yield break;
        if (value is not PyDict dict)
            throw TemplateException.Type("Can only get item pairs from a mapping.");
        foreach (var (key, item) in dict.Pairs)
            yield return new PyTuple([key, item]);
    }

    private static PyIterator Batch(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("linecount", PyArguments.Required), ("fill_with", null));
        IEnumerable<object?> Batches()
        {
            var row = new List<object?>();
            foreach (var item in PyValue.Iterate(value))
            {
                if (PyValue.AreEqual((BigInteger)row.Count, bound[0]))
                {
                    yield return new PyList(row);
                    row = [];
                }

                row.Add(item);
            }

            if (row.Count == 0)
                yield break;
            if (bound[1] is not null && PyArguments.Whole(bound[0]) > row.Count)
                row.AddRange(Enumerable.Repeat(bound[1], PyArguments.Whole(bound[0]) - row.Count));
            yield return new PyList(row);
        }

        return new("generator", Batches());
    }

    private static PyIterator Slice(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("slices", PyArguments.Required), ("fill_with", null));
        IEnumerable<object?> Slices()
        {
            object?[] items = [.. PyValue.Iterate(value)];
            var count = PyArguments.Whole(bound[0]);
            if (count == 0)
                throw new TemplateException("ZeroDivisionError", "integer division or modulo by zero");
            for (int i = 0, start = 0; i < count; i++)
            {
                var end = start + items.Length / count + (i < items.Length % count ? 1 : 0);
                List<object?> part = [.. items[start..end]];
                if (bound[1] is not null && i >= items.Length % count)
                    part.Add(bound[1]);
                yield return new PyList(part);
                start = end;
            }
        }

        return new("generator", Slices());
    }

    private static PyList Sort(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("reverse", false), ("case_sensitive", false), ("attribute", null));
        object?[] attributes = PyValue.AsText(bound[2]) is { } names ? names.Split(',') : [bound[2]];
        var getters = attributes.Select(attribute => Getter(attribute)).ToArray();
        object? Key(object? item) => new PyList([.. getters.Select(getter => Folded(getter(item), bound[1]))]);
        return new(PyComparison.Sorted(PyValue.Iterate(value), Key, PyValue.Truth(bound[0])));
    }

    private static PyList DictSort(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("case_sensitive", false), ("by", "key"), ("reverse", false));
        if (PyValue.AsText(bound[1]) is not ("key" or "value") || PyValue.AsText(bound[1]) is not { } by)
            throw TemplateException.Argument("You can only sort by either \"key\" or \"value\"");
        if (value is PyUndefined undefined)
            throw undefined.Error;
        if (value is not PyDict dict)
            throw new TemplateException("AttributeError", $"'{PyValue.TypeName(value)}' object has no attribute 'items'");
        var pairs = dict.Pairs.Select(pair => (object?)new PyTuple([pair.Key, pair.Value]));
        return new(PyComparison.Sorted(pairs, pair => Folded(((PyTuple)pair!).Items[by == "key" ? 0 : 1], bound[0]), PyValue.Truth(bound[2])));
    }

    private static PyList GroupBy(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("attribute", PyArguments.Required), ("default", null), ("case_sensitive", false));
        var getter = Getter(bound[0], bound[1]);
        var groups = new List<(object? Key, List<object?> Items)>();
        foreach (var item in PyComparison.Sorted(PyValue.Iterate(value), item => Folded(getter(item), bound[2])))
        {
            var key = Folded(getter(item), bound[2]);
            if (groups.Count == 0 || !PyValue.AreEqual(groups[^1].Key, key))
                groups.Add((key, []));
            groups[^1].Items.Add(item);
        }

        return new([.. groups.Select(group => new PyTuple([getter(group.Items[0]), new PyList(group.Items)], "grouper", "list"))]);
    }

    private static PyIterator Unique(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("case_sensitive", false), ("attribute", null));
        var getter = Getter(bound[1]);
        var seen = new HashSet<PyKey>();
        return new("generator", Enumerable.Range(0, 1).SelectMany(_ => PyValue.Iterate(value)).Where(item => seen.Add(new(Folded(getter(item), bound[0])))));
    }

    private static object? Sum(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("attribute", null), ("start", BigInteger.Zero));
        if (PyValue.AsText(bound[1]) is not null)
            throw TemplateException.Type("sum() can't sum strings [use ''.join(seq) instead]");
        return PyValue.Iterate(value).Select(Getter(bound[0])).Aggregate(bound[1], (sum, item) => PyOperators.Apply("+", sum, item));
    }

    private static object? Extreme(object? value, PyArguments arguments, string op)
    {
        var bound = arguments.Bind(("case_sensitive", false), ("attribute", null));
        var getter = Getter(bound[1]);
        (object? Item, object? Key)? best = null;
        foreach (var item in PyValue.Iterate(value))
        {
            var key = Folded(getter(item), bound[0]);
            if (best is null || PyComparison.Test(op, key, best.Value.Key))
                best = (item, key);
        }

        return best is null ? new PyUndefined("No aggregated item, sequence was empty.") : best.Value.Item;
    }

    private static object? Folded(object? value, object? caseSensitive) =>
        !PyValue.Truth(caseSensitive) && PyValue.AsText(value) is { } text ? PyCase.Lower(text) : value;
}
