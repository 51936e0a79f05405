using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>What Python does with any value: type, truth, text, equality, hash, length, iteration.</summary>
internal static class PyValue
{
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        string => "str",
        PyObject other => other.TypeName,
        _ => throw new InvalidOperationException($"{value.GetType()} is no value of a template."),
    };

    public static bool Truth(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        string text => text.Length > 0,
        PyObject other => other.Truth,
        _ => true,
    };

    /// <summary>What <c>str</c> gives.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        PyObject other => other.Text(),
        _ => PyRepr.Of(value),
    };

    /// <summary>The text of a str or Markup; null for anything else.</summary>
    public static string? AsText(object? value) => value as string ?? (value as PyMarkup)?.Html;

    /// <summary>The integer of an int or bool; null for anything else.</summary>
    public static BigInteger? AsInteger(object? value) => value switch
    {
        BigInteger number => number,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>The number of an int, bool or float as float; null for anything else.</summary>
    public static double? AsFloat(object? value) => value is double number ? number : AsInteger(value) is { } integer ? ToFloat(integer) : null;

    /// <summary>An int as float.</summary>
    public static double ToFloat(BigInteger integer)
    {
        var number = (double)integer;
        return double.IsFinite(number) ? number : throw new TemplateException("OverflowError", "int too large to convert to float");
    }

    public static bool AreEqual(object? left, object? right)
    {
        if (left is double || right is double)
            return left is double or bool or BigInteger && right is double or bool or BigInteger && PyComparison.Numbers(left, right) == 0;
        if (AsInteger(left) is { } a)
            return AsInteger(right) is { } b && a == b;
        if (AsText(left) is { } text)
            return AsText(right) is { } other && text == other;
        return (left, right) switch
        {
            (null, null) => true,
            (PyUndefined, PyUndefined) => true,
            (PyList x, PyList y) => SameItems(x.Items, y.Items),
            (PyTuple x, PyTuple y) => SameItems(x.Items, y.Items),
            (PyRange x, PyRange y) => SameItems(x.Items, y.Items),
            (PyDict x, PyDict y) => x.Pairs.Count == y.Pairs.Count && x.Pairs.All(pair => y.TryGet(pair.Key, out var value) && AreEqual(pair.Value, value)),
            _ => ReferenceEquals(left, right),
        };
    }

    public static int Hash(object? value) => value switch
    {
        null => 1,
        double number when number == Math.Floor(number) && Math.Abs(number) < 1e300 => new BigInteger(number).GetHashCode(),
        double number => number.GetHashCode(),
        bool or BigInteger => AsInteger(value)!.Value.GetHashCode(),
        string or PyMarkup => AsText(value)!.GetHashCode(),
        PyUndefined => 2,
        PyTuple tuple => tuple.Items.Aggregate(3, (hash, item) => HashCode.Combine(hash, Hash(item))),
        PyList or PyDict or PyDictView => throw TemplateException.Type($"unhashable type: '{TypeName(value)}'"),
        _ => value.GetHashCode(),
    };

    /// <summary>What <c>len</c> gives.</summary>
    public static int Length(object? value) => value switch
    {
        string text => PyText.Length(text),
        PyObject { Length: { } length } => length,
        _ => throw TemplateException.Type($"object of type '{TypeName(value)}' has no len()"),
    };

    public static bool CanIterate(object? value) => value is string || (value as PyObject)?.Iterate() is not null;

    /// <summary>What a <c>for</c> goes through.</summary>
    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        string text => PyText.Characters(text),
        PyObject other when other.Iterate() is { } items => items,
        _ => throw TemplateException.Type($"'{TypeName(value)}' object is not iterable"),
    };

    /// <summary>The items of a list, tuple or range; null for anything else.</summary>
    public static IReadOnlyList<object?>? Sequence(object? value) => value switch
    {
        PyList list => list.Items,
        PyTuple tuple => tuple.Items,
        PyRange range => range.Items,
        _ => null,
    };

    private static bool SameItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => AreEqual(pair.First, pair.Second));
}
