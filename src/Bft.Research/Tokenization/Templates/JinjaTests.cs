using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>The tests that follow <c>is</c>.</summary>
internal static class JinjaTests
{
    private static readonly Dictionary<string, Func<object?, PyArguments, bool>> s_tests = new(StringComparer.Ordinal)
    {
        ["odd"] = (v, a) => Plain(a) && Remainder(v, 2, 1),
        ["even"] = (v, a) => Plain(a) && Remainder(v, 2, 0),
        ["divisibleby"] = (v, a) => Remainder(v, a.Bind(("num", PyArguments.Required))[0], 0),
        ["defined"] = (v, a) => Plain(a) && v is not PyUndefined,
        ["undefined"] = (v, a) => Plain(a) && v is PyUndefined,
        ["filter"] = (v, a) => Plain(a) && Name(v) is { } name && JinjaFilters.Exists(name),
        ["test"] = (v, a) => Plain(a) && Name(v) is { } name && s_tests!.ContainsKey(name),
        ["none"] = (v, a) => Plain(a) && v is null,
        ["boolean"] = (v, a) => Plain(a) && v is bool,
        ["false"] = (v, a) => Plain(a) && v is false,
        ["true"] = (v, a) => Plain(a) && v is true,
        ["integer"] = (v, a) => Plain(a) && v is BigInteger,
        ["float"] = (v, a) => Plain(a) && v is double,
        ["lower"] = (v, a) => Plain(a) && PyStringMethods.IsLower(PyValue.Text(v)),
        ["upper"] = (v, a) => Plain(a) && PyStringMethods.IsUpper(PyValue.Text(v)),
        ["string"] = (v, a) => Plain(a) && v is string or PyMarkup,
        ["mapping"] = (v, a) => Plain(a) && v is PyDict,
        ["number"] = (v, a) => Plain(a) && v is bool or BigInteger or double,
        ["sequence"] = (v, a) => Plain(a) && v is string or PyMarkup or PyList or PyTuple or PyDict or PyRange or PyUndefined,
        ["iterable"] = (v, a) => Plain(a) && (v is JinjaLoop || PyValue.CanIterate(v)),
        ["callable"] = (v, a) => Plain(a) && v is PyUndefined or PyObject { Callable: not null },
        ["sameas"] = (v, a) => Same(v, a.Bind(("other", PyArguments.Required))[0]),
        ["escaped"] = (v, a) => Plain(a) && v is PyMarkup,
        ["in"] = (v, a) => PyComparison.Contains(a.Bind(("seq", PyArguments.Required))[0], v),
    };

    private static readonly Dictionary<string, string> s_comparisons = new(StringComparer.Ordinal)
    {
        ["=="] = "==",
        ["eq"] = "==",
        ["equalto"] = "==",
        ["!="] = "!=",
        ["ne"] = "!=",
        [">"] = ">",
        ["gt"] = ">",
        ["greaterthan"] = ">",
        ["ge"] = ">=",
        [">="] = ">=",
        ["<"] = "<",
        ["lt"] = "<",
        ["lessthan"] = "<",
        ["<="] = "<=",
        ["le"] = "<=",
    };

    static JinjaTests()
    {
        foreach (var (name, op) in s_comparisons)
            s_tests[name] = (v, a) => PyComparison.Test(op, v, a.Only(1, 1)[0]);
    }

    public static bool Exists(string name) => s_tests.ContainsKey(name);

    /// <summary>Refuses a test that does not exist when the template is read, unless it may never be reached.</summary>
    public static void Require(string name, int line, bool soft)
    {
        if (!s_tests.ContainsKey(name) && !soft)
            throw new TemplateException("TemplateAssertionError", $"No test named {PyRepr.Of(name)}.", line);
    }

    public static bool Apply(string name, object? value, PyArguments arguments) => s_tests.TryGetValue(name, out var test)
        ? test(value, arguments with { Function = $"test_{name}" })
        : throw new TemplateException("TemplateRuntimeError", $"No test named {PyRepr.Of(name)} found.");

    /// <summary>The name that a text gives; a value that cannot be a key is an error, as it is in Python.</summary>
    private static string? Name(object? value)
    {
        _ = PyValue.Hash(value);
        return PyValue.AsText(value);
    }

    private static bool Plain(PyArguments arguments) => arguments.Bind().Length == 0;

    private static bool Remainder(object? value, object? divisor, int rest) =>
        PyValue.AreEqual(PyOperators.Apply("%", value, divisor is int number ? (BigInteger)number : divisor), (BigInteger)rest);

    private static bool Same(object? value, object? other) => (value, other) switch
    {
        (null, null) => true,
        (bool a, bool b) => a == b,
        (BigInteger a, BigInteger b) => a == b && a >= -5 && a <= 256,
        (string a, string b) => ReferenceEquals(a, b),
        _ => ReferenceEquals(value, other),
    };
}
