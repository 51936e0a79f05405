using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>Arguments of a call.</summary>
/// <param name="Positional">Positional arguments.</param>
/// <param name="Named">Keyword arguments, in order.</param>
internal sealed record PyArguments(IReadOnlyList<object?> Positional, IReadOnlyList<KeyValuePair<string, object?>> Named)
{
    /// <summary>Marks a parameter without a default.</summary>
    public static readonly object Required = new();

    public static PyArguments None { get; } = new([], []);

    /// <summary>Name of the function called, for messages.</summary>
    public string Function { get; init; } = "function";

    public static PyArguments Of(params object?[] positional) => new(positional, []);

    /// <summary>The arguments without the first positional ones.</summary>
    public PyArguments Skip(int count) => this with { Positional = [.. Positional.Skip(count)] };

    public bool TryNamed(string name, out object? value)
    {
        foreach (var pair in Named)
        {
            if (pair.Key == name)
            {
                value = pair.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Values of the parameters, in their order.</summary>
    /// <param name="parameters">Name and default; <see cref="Required"/> when there is none.</param>
    /// <exception cref="TemplateException">TypeError: too many, unknown, twice or missing.</exception>
    public object?[] Bind(params (string Name, object? Default)[] parameters)
    {
        if (Positional.Count > parameters.Length)
            throw TemplateException.Type($"{Function}() takes at most {parameters.Length} arguments ({Positional.Count} given)");
        var values = new object?[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
            values[i] = i < Positional.Count ? Positional[i] : parameters[i].Default;
        foreach (var (name, value) in Named)
        {
            var at = Array.FindIndex(parameters, parameter => parameter.Name == name);
            if (at < 0)
                throw TemplateException.Type($"{Function}() got an unexpected keyword argument '{name}'");
            if (at < Positional.Count)
                throw TemplateException.Type($"{Function}() got multiple values for argument '{name}'");
            values[at] = value;
        }

        for (var i = 0; i < parameters.Length; i++)
            if (ReferenceEquals(values[i], Required))
                throw TemplateException.Type($"{Function}() missing 1 required positional argument: '{parameters[i].Name}'");
        return values;
    }

    /// <summary>Positional values only, as built-in methods take them.</summary>
    /// <exception cref="TemplateException">TypeError: named arguments, or a number outside the bounds.</exception>
    public IReadOnlyList<object?> Only(int least, int most)
    {
        if (Named.Count > 0)
            throw TemplateException.Type($"{Function}() takes no keyword arguments");
        return Positional.Count >= least && Positional.Count <= most
            ? Positional
            : throw TemplateException.Type($"{Function}() takes {(least == most ? $"exactly {least}" : $"{least} to {most}")} arguments ({Positional.Count} given)");
    }

    /// <summary>A positional string.</summary>
    public string Text(int at) => PyValue.AsText(Positional[at])
        ?? throw TemplateException.Type($"{Function}() argument {at + 1} must be str, not {PyValue.TypeName(Positional[at])}");

    /// <summary>A value as an index or count.</summary>
    /// <exception cref="TemplateException">TypeError: not an integer.</exception>
    public static int Whole(object? value) => PyValue.AsInteger(value) is { } number
        ? (int)BigInteger.Max(int.MinValue, BigInteger.Min(int.MaxValue, number))
        : throw TemplateException.Type($"'{PyValue.TypeName(value)}' object cannot be interpreted as an integer");
}
