using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>Python's arithmetic.</summary>
internal static class PyOperators
{
    private const int LongestResult = 10_000_000;

    public static object? Apply(string op, object? left, object? right)
    {
        if ((left as PyUndefined ?? right as PyUndefined) is { } undefined && !(op == "%" && PyValue.AsText(left) is not null))
            throw undefined.Error;
        if (left is double || right is double)
        {
            if (PyValue.AsFloat(left) is { } x && PyValue.AsFloat(right) is { } y)
                return Floats(op, x, y);
        }
        else if (PyValue.AsInteger(left) is { } a && PyValue.AsInteger(right) is { } b)
        {
            return Integers(op, a, b);
        }

        return op switch
        {
            "+" => Concatenate(left, right),
            "*" when PyValue.AsInteger(right) is { } count => Repeated(left, count),
            "*" when PyValue.AsInteger(left) is { } count => Repeated(right, count),
            "%" when PyValue.AsText(left) is { } format => PyPercent.Format(format, right),
            _ => throw Unsupported(op, left, right),
        };
    }

    public static object Negate(object? value) => value switch
    {
        double number => -number,
        PyUndefined undefined => throw undefined.Error,
        _ => -(PyValue.AsInteger(value) ?? throw TemplateException.Type($"bad operand type for unary -: '{PyValue.TypeName(value)}'")),
    };

    public static object Positive(object? value) => value switch
    {
        double number => number,
        PyUndefined undefined => throw undefined.Error,
        _ => PyValue.AsInteger(value) ?? throw TemplateException.Type($"bad operand type for unary +: '{PyValue.TypeName(value)}'"),
    };

    /// <summary>A text several times; nothing for a count below one.</summary>
    public static string Repeat(string text, BigInteger count)
    {
        Allow(text.Length * BigInteger.Max(count, 0));
        return count.Sign <= 0 ? "" : string.Concat(Enumerable.Repeat(text, (int)count));
    }

    private static object Floats(string op, double x, double y) => op switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => y != 0 ? x / y : throw DivisionByZero("float division by zero"),
        "//" => y != 0 ? FloorDivide(x, y) : throw DivisionByZero("float floor division by zero"),
        "%" => y != 0 ? Modulo(x, y) : throw DivisionByZero("float modulo"),
        _ => Power(x, y),
    };

    private static object Integers(string op, BigInteger a, BigInteger b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => !b.IsZero ? PyValue.ToFloat(a) / PyValue.ToFloat(b) : throw DivisionByZero("division by zero"),
        "//" => !b.IsZero ? (a - Modulo(a, b)) / b : throw DivisionByZero("integer division or modulo by zero"),
        "%" => !b.IsZero ? Modulo(a, b) : throw DivisionByZero("integer modulo by zero"),
        _ => Power(a, b),
    };

    private static BigInteger Modulo(BigInteger a, BigInteger b)
    {
        var rest = BigInteger.Remainder(a, b);
        return rest.Sign * b.Sign < 0 ? rest + b : rest;
    }

    private static double Modulo(double x, double y)
    {
        var rest = x % y;
        if (rest == 0)
            return Math.CopySign(0, y);
        return rest < 0 != y < 0 ? rest + y : rest;
    }

    private static double FloorDivide(double x, double y)
    {
        var quotient = (x - Modulo(x, y)) / y;
        if (quotient == 0)
            return Math.CopySign(0, x / y);
        var floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static object Power(BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
            return a.IsZero ? throw DivisionByZero("0.0 cannot be raised to a negative power") : Math.Pow(PyValue.ToFloat(a), PyValue.ToFloat(b));
        Allow(a.GetBitLength() * b);
        return BigInteger.Pow(a, (int)b);
    }

    private static object Power(double x, double y)
    {
        if (x == 0 && y < 0)
            throw DivisionByZero("0.0 cannot be raised to a negative power");
        if (x < 0 && y != Math.Floor(y) && double.IsFinite(x))
            throw TemplateException.Refused("a complex number, the power of a negative number,");
        var result = Math.Pow(x, y);
        return double.IsInfinity(result) && double.IsFinite(x) && double.IsFinite(y) ? throw new TemplateException("OverflowError", "(34, 'Numerical result out of range')") : result;
    }

    private static object Concatenate(object? left, object? right)
    {
        if (left is PyMarkup || (right is PyMarkup && left is string))
            return PyValue.AsText(right) is null ? throw Unsupported("+", left, right) : new PyMarkup(PyMarkup.Escape(left).Html + PyMarkup.Escape(right).Html);
        return (left, right) switch
        {
            (string a, string b) => a + b,
            (PyList a, PyList b) => new PyList([.. a.Items, .. b.Items]),
            (PyTuple a, PyTuple b) => new PyTuple([.. a.Items, .. b.Items]),
            (string or PyList or PyTuple, _) => throw TemplateException.Type(
                $"can only concatenate {PyValue.TypeName(left)} (not \"{PyValue.TypeName(right)}\") to {PyValue.TypeName(left)}"),
            _ => throw Unsupported("+", left, right),
        };
    }

    private static object Repeated(object? value, BigInteger count)
    {
        IReadOnlyList<object?> Items(IReadOnlyList<object?> items)
        {
            Allow(items.Count * BigInteger.Max(count, 0));
            return count.Sign <= 0 ? [] : [.. Enumerable.Repeat(items, (int)count).SelectMany(item => item)];
        }

        return value switch
        {
            string text => Repeat(text, count),
            PyMarkup markup => new PyMarkup(Repeat(markup.Html, count)),
            PyList list => new PyList(Items(list.Items)),
            PyTuple tuple => new PyTuple(Items(tuple.Items)),
            _ => throw Unsupported("*", value, count),
        };
    }

    private static void Allow(BigInteger size)
    {
        if (size > LongestResult)
            throw TemplateException.Refused($"a result of size {size} (more than {LongestResult})");
    }

    private static TemplateException DivisionByZero(string detail) => new("ZeroDivisionError", detail);

    private static TemplateException Unsupported(string op, object? left, object? right) =>
        TemplateException.Type($"unsupported operand type(s) for {(op == "**" ? "** or pow()" : op)}: '{PyValue.TypeName(left)}' and '{PyValue.TypeName(right)}'");
}
