using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>Python's ordering and membership.</summary>
internal static class PyComparison
{
    /// <summary>The result of <c>left OP right</c> for an operator of comparison.</summary>
    public static bool Test(string op, object? left, object? right) => op switch
    {
        "==" => PyValue.AreEqual(left, right),
        "!=" => !PyValue.AreEqual(left, right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Order(op, left, right) is < 0,
        "<=" => Order(op, left, right) is <= 0,
        ">" => Order(op, left, right) is > 0,
        ">=" => Order(op, left, right) is >= 0,
        _ => throw new InvalidOperationException($"{op} is no comparison."),
    };

    /// <summary>Items sorted by their keys; equal ones keep their order, also when descending.</summary>
    /// <exception cref="TemplateException">TypeError: two keys cannot be compared.</exception>
    public static List<T> Sorted<T>(IEnumerable<T> items, Func<T, object?> key, bool descending = false)
    {
        var order = Comparer<object?>.Create((a, b) => Test("<", a, b) ? -1 : Test("<", b, a) ? 1 : 0);
        try
        {
            return [.. descending ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateException inner)
        {
            throw inner;
        }
    }

    /// <summary>Order of two numbers; null when one is NaN.</summary>
    public static int? Numbers(object? left, object? right)
    {
        if (left is double x && right is double y)
            return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
        if (left is double number)
            return -Mixed(PyValue.AsInteger(right)!.Value, number);
        return right is double other ? Mixed(PyValue.AsInteger(left)!.Value, other) : PyValue.AsInteger(left)!.Value.CompareTo(PyValue.AsInteger(right)!.Value);
    }

    /// <summary>Whether <paramref name="item"/> is in <paramref name="container"/>.</summary>
    public static bool Contains(object? container, object? item)
    {
        if (PyValue.AsText(container) is { } text)
            return PyValue.AsText(item) is { } part
                ? text.Contains(part, StringComparison.Ordinal)
                : throw TemplateException.Type($"'in <string>' requires string as left operand, not {PyValue.TypeName(item)}");
        if (container is PyDict dict)
            return dict.TryGet(item, out _);
        return PyValue.CanIterate(container)
            ? PyValue.Iterate(container).Any(other => ReferenceEquals(item, other) || PyValue.AreEqual(item, other))
            : throw TemplateException.Type($"argument of type '{PyValue.TypeName(container)}' is not iterable");
    }

    private static int? Order(string op, object? left, object? right)
    {
        if ((left as PyUndefined ?? right as PyUndefined) is { } undefined)
            throw undefined.Error;
        if (PyValue.AsText(left) is { } text && PyValue.AsText(right) is { } other)
            return PyText.Compare(text, other);
        if (left is bool or BigInteger or double && right is bool or BigInteger or double)
            return Numbers(left, right);
        if (left is PyList a && right is PyList b)
            return Items(op, a.Items, b.Items);
        if (left is PyTuple c && right is PyTuple d)
            return Items(op, c.Items, d.Items);
        throw TemplateException.Type($"'{op}' not supported between instances of '{PyValue.TypeName(left)}' and '{PyValue.TypeName(right)}'");
    }

    private static int? Items(string op, IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
            if (!PyValue.AreEqual(left[i], right[i]))
                return Order(op, left[i], right[i]);
        return left.Count.CompareTo(right.Count);
    }

    private static int? Mixed(BigInteger integer, double number)
    {
        if (double.IsNaN(number))
            return null;
        if (double.IsInfinity(number))
            return number > 0 ? -1 : 1;
        var floor = Math.Floor(number);
        var order = integer.CompareTo(new BigInteger(floor));
        return order == 0 && number > floor ? -1 : order;
    }
}
