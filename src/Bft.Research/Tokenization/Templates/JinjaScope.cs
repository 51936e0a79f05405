namespace Bft.Research.Tokenization;

/// <summary>Variables of a block; what is not set here is looked for outside.</summary>
internal sealed class JinjaScope(JinjaScope? outer)
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public void Set(string name, object? value) => _values[name] = value;

    /// <summary>The value of a name; undefined when it has none.</summary>
    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope._values.TryGetValue(name, out var value))
                return value;
        return PyUndefined.Name(name);
    }

    private JinjaScope? Outer => outer;
}
