namespace Bft.Research.Runs;

/// <summary>An option that is given beside a file, for instance on a command line; it wins over the file.</summary>
public sealed class RunSetting
{
    private RunSetting(string name, RunNode value) => (Name, Value) = (name, value);

    internal string Name { get; }

    internal RunNode Value { get; }

    /// <summary>A setting whose texts are taken as they are.</summary>
    /// <param name="name">Any name that a file may have.</param>
    /// <param name="values">The value, or the values of a list.</param>
    /// <param name="origin">What an error names, for instance <c>--lr</c>.</param>
    public static RunSetting Of(string name, IReadOnlyList<string> values, string origin) =>
        new(name, values.Count == 1 ? new RunScalar(origin, values[0], false) : new RunList(origin, [.. values.Select(value => new RunScalar(origin, value, true))]));

    /// <summary>A setting in the form <c>name=value</c>, the value as in a file.</summary>
    /// <exception cref="InvalidDataException">There is no equals sign.</exception>
    public static RunSetting Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? new(text[..at], RunText.Value(text[(at + 1)..], text)) : throw new InvalidDataException($"{text}: expected NAME=VALUE.");
    }
}
