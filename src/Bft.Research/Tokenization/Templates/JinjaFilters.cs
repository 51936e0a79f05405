using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>All filters by name.</summary>
internal static class JinjaFilters
{
    private static readonly string[] s_refused = ["pprint", "random", "urlize", "wordwrap", "xmlattr", "striptags", "filesizeformat"];

    private static readonly Dictionary<string, Func<object?, PyArguments, object?>> s_filters = new(
        JinjaTextFilters.All.Concat(JinjaSequenceFilters.All).Concat(JinjaChoiceFilters.All), StringComparer.Ordinal)
    {
        ["abs"] = (v, a) => Plain(a, Absolute(v)),
        ["attr"] = (v, a) => Attribute(v, a.Bind(("name", PyArguments.Required))[0]),
        ["default"] = Default,
        ["d"] = Default,
        ["int"] = Integer,
        ["float"] = Float,
        ["round"] = Round,
        ["tojson"] = (v, a) => PyJson.Filter(v, a),
    };

    /// <summary>Whether a filter exists, here or in Jinja.</summary>
    public static bool Exists(string name) => s_filters.ContainsKey(name) || s_refused.Contains(name);

    /// <summary>
    /// Refuses a filter that does not exist when the template is read, unless it may never be reached; one that only Jinja has is always refused.
    /// </summary>
    public static void Require(string name, int line, bool soft)
    {
        if (s_refused.Contains(name))
            throw new TemplateException(TemplateException.NotSupported, $"the filter '{name}' is not supported", line);
        if (!s_filters.ContainsKey(name) && !soft)
            throw new TemplateException("TemplateAssertionError", $"No filter named {PyRepr.Of(name)}.", line);
    }

    public static object? Apply(string name, object? value, PyArguments arguments)
    {
        if (s_refused.Contains(name))
            throw TemplateException.Refused($"the filter '{name}'");
        return s_filters.TryGetValue(name, out var filter)
            ? filter(value, arguments with { Function = name })
            : throw new TemplateException("TemplateRuntimeError", $"No filter named {PyRepr.Of(name)} found.");
    }

    /// <summary>The result of a filter without arguments.</summary>
    public static T Plain<T>(PyArguments arguments, T result)
    {
        arguments.Bind();
        return result;
    }

    private static object Absolute(object? value) => value switch
    {
        double number => Math.Abs(number),
        PyUndefined undefined => throw TemplateException.Type($"bad operand type for abs(): '{undefined.TypeName}'"),
        _ => BigInteger.Abs(PyValue.AsInteger(value) ?? throw TemplateException.Type($"bad operand type for abs(): '{PyValue.TypeName(value)}'")),
    };

    private static object? Attribute(object? value, object? name)
    {
        var text = PyValue.AsText(name) ?? throw TemplateException.Type("attribute name must be string");
        return value is PyDict && PyItems.Attribute(new PyDict(), text) is PyUndefined ? PyUndefined.Element(value, text) : PyItems.Attribute(value, text);
    }

    private static object? Default(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("default_value", ""), ("boolean", false));
        return value is PyUndefined || (PyValue.Truth(bound[1]) && !PyValue.Truth(value)) ? bound[0] : value;
    }

    private static object? Integer(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("default", BigInteger.Zero), ("base", (BigInteger)10));
        try
        {
            return PyConversion.ToInteger(value, PyArguments.Whole(bound[1]));
        }
        catch (TemplateException e) when (e.ErrorClass is "TypeError" or "ValueError")
        {
            try
            {
                return PyConversion.ToInteger(PyConversion.ToFloat(value));
            }
            catch (TemplateException again) when (again.ErrorClass is "TypeError" or "ValueError" or "OverflowError")
            {
                return bound[0];
            }
        }
    }

    private static object? Float(object? value, PyArguments arguments)
    {
        var otherwise = arguments.Bind(("default", 0.0))[0];
        try
        {
            return PyConversion.ToFloat(value);
        }
        catch (TemplateException e) when (e.ErrorClass is "TypeError" or "ValueError")
        {
            return otherwise;
        }
    }

    private static object? Round(object? value, PyArguments arguments)
    {
        var bound = arguments.Bind(("precision", BigInteger.Zero), ("method", "common"));
        var decimals = PyArguments.Whole(bound[0]);
        var method = PyValue.AsText(bound[1]);
        if (method is not ("common" or "ceil" or "floor"))
            throw TemplateException.Argument("method must be common, ceil or floor");
        if (method == "common")
            return value is double number ? PyDecimal.Round(number, decimals) : RoundInteger(value, decimals);
        var scale = PyOperators.Apply("**", (BigInteger)10, (BigInteger)decimals);
        var scaled = PyValue.AsFloat(PyOperators.Apply("*", value, scale))
            ?? throw TemplateException.Type($"must be real number, not {PyValue.TypeName(value)}");
        return PyOperators.Apply("/", PyConversion.ToInteger(method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)), scale);
    }

    private static BigInteger RoundInteger(object? value, int decimals)
    {
        var number = PyValue.AsInteger(value) ?? throw TemplateException.Type($"type {PyValue.TypeName(value)} doesn't define __round__ method");
        if (decimals >= 0)
            return number;
        var unit = BigInteger.Pow(10, Math.Min(-decimals, 10_000));
        var rest = ((number % unit) + unit) % unit;
        var down = number - rest;
        var order = (rest * 2).CompareTo(unit);
        return order > 0 || (order == 0 && !(down / unit).IsEven) ? down + unit : down;
    }
}
