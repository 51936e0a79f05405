namespace Bft.Research.Tokenization;

/// <summary>The filters map, select, reject, selectattr and rejectattr. They work on demand: an error shows when the result is used.</summary>
internal static class JinjaChoiceFilters
{
    public static Dictionary<string, Func<object?, PyArguments, object?>> All { get; } = new(StringComparer.Ordinal)
    {
        ["map"] = (v, a) => new PyIterator("generator", Map(v, a)),
        ["select"] = (v, a) => new PyIterator("generator", Choose(v, a, byAttribute: false, keeps: true)),
        ["reject"] = (v, a) => new PyIterator("generator", Choose(v, a, byAttribute: false, keeps: false)),
        ["selectattr"] = (v, a) => new PyIterator("generator", Choose(v, a, byAttribute: true, keeps: true)),
        ["rejectattr"] = (v, a) => new PyIterator("generator", Choose(v, a, byAttribute: true, keeps: false)),
    };

    private static IEnumerable<object?> Map(object? value, PyArguments arguments)
    {
        if (!PyValue.Truth(value))
            yield break;
        var map = Mapping(arguments);
        foreach (var item in PyValue.Iterate(value))
            yield return map(item);
    }

    private static Func<object?, object?> Mapping(PyArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.TryNamed("attribute", out var attribute))
        {
            arguments.TryNamed("default", out var otherwise);
            var unexpected = arguments.Named.Select(pair => pair.Key).FirstOrDefault(name => name is not ("attribute" or "default"));
            return unexpected is null
                ? JinjaSequenceFilters.Getter(attribute, otherwise)
                : throw TemplateException.Argument($"Unexpected keyword argument {PyRepr.Of(unexpected)}");
        }

        if (arguments.Positional.Count == 0)
            throw TemplateException.Argument("map requires a filter argument");
        var name = Name(arguments.Positional[0], "filter");
        return item => JinjaFilters.Exists(name)
            ? JinjaFilters.Apply(name, item, arguments.Skip(1))
            : throw new TemplateException("TemplateRuntimeError", $"No filter named {PyRepr.Of(name)}.");
    }

    private static IEnumerable<object?> Choose(object? value, PyArguments arguments, bool byAttribute, bool keeps)
    {
        if (!PyValue.Truth(value))
            yield break;
        if (byAttribute && arguments.Positional.Count == 0)
            throw TemplateException.Argument("Missing parameter for attribute name");
        var getter = byAttribute ? JinjaSequenceFilters.Getter(arguments.Positional[0]) : item => item;
        var test = Test(byAttribute ? arguments.Skip(1) : arguments);
        foreach (var item in PyValue.Iterate(value))
            if (test(getter(item)) == keeps)
                yield return item;
    }

    private static Func<object?, bool> Test(PyArguments arguments)
    {
        if (arguments.Positional.Count == 0)
            return PyValue.Truth;
        var name = Name(arguments.Positional[0], "test");
        return item => JinjaTests.Exists(name)
            ? JinjaTests.Apply(name, item, arguments.Skip(1))
            : throw new TemplateException("TemplateRuntimeError", $"No test named {PyRepr.Of(name)}.");
    }

    private static string Name(object? value, string kind) =>
        PyValue.AsText(value) ?? throw new TemplateException("TemplateRuntimeError", $"No {kind} named {PyRepr.Of(value)}.");
}
