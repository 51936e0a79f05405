using System.CommandLine;
using Bft.Research.Data;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary>
/// The options of a verb that come from one run file in YAML or JSON, from settings as NAME=VALUE, and from short names on the command line, which win in this order. Values of all three are checked in one place.
/// </summary>
/// <typeparam name="T">The record of options.</typeparam>
/// <param name="named">Options with values: path in the record, and option.</param>
/// <param name="flags">Options without: path in the record, its value where the flag is given, and option.</param>
internal sealed class RunFileArguments<T>(IReadOnlyList<(string Name, Option Option)> named, IReadOnlyList<(string Name, string Value, Option<bool> Option)>? flags = null)
    where T : class, IRunFileOptions
{
    private readonly IReadOnlyList<(string Name, string Value, Option<bool> Option)> _flags = flags ?? [];
    private readonly Argument<string[]> _given = new("CONFIG") { Description = "run file in YAML or JSON, and settings as NAME=VALUE", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _config = new("--config") { Description = "the run file, if not given as an argument" };

    /// <summary>Settings below all others, for options that a verb decides itself.</summary>
    public IReadOnlyList<RunSetting> Preset { get; init; } = [];

    public void AddTo(Command command)
    {
        command.Add(_given);
        command.Add(_config);
        foreach (var (_, option) in named)
            command.Add(option);
        foreach (var (_, _, option) in _flags)
            command.Add(option);
    }

    /// <summary>What file, settings and options ask for.</summary>
    /// <param name="result">What was parsed.</param>
    /// <param name="remarks">Receives what was translated and ignored.</param>
    /// <param name="otherwise">The run file where none is given; null for none.</param>
    /// <exception cref="InvalidDataException">Names or values are wrong.</exception>
    public T Read(ParseResult result, ICollection<RunRemark>? remarks = null, string? otherwise = null)
    {
        string[] words = [.. result.GetValue(_given)!];
        if (words.Concat(named.SelectMany(one => Words(result, one.Option))).FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
            throw new InvalidDataException($"'{unknown}' is not known; the nearest is '{OptionNames.Nearest(unknown, result.CommandResult.Command.Options.Select(option => option.Name))}'.");
        List<string> files = [.. words.Where(word => !IsSetting(word))];
        if (result.GetValue(_config) is { } config)
            files.Add(config);
        if (files.Count > 1)
            throw new InvalidDataException($"expected one run file, actual {string.Join(", ", files)}.");
        return RunFile.Read<T>(files.SingleOrDefault() ?? otherwise, Preset.Concat(Settings(result)), remarks, Environment.GetEnvironmentVariable);
    }

    /// <summary>Settings in the order in which later ones win; a NAME=VALUE behind an option that takes several files is one of them.</summary>
    private IEnumerable<RunSetting> Settings(ParseResult result)
    {
        List<string> settings = [.. result.GetValue(_given)!.Where(IsSetting)];
        foreach (var (name, option) in named)
        {
            string[] values = [.. Words(result, option)];
            var takesSeveral = option is Option<string[]>;
            settings.AddRange(values.Where(value => takesSeveral && IsSetting(value)));
            if (values.Where(value => !takesSeveral || !IsSetting(value)).ToArray() is { Length: > 0 } own)
                yield return RunSetting.Of(name, own, option.Name);
        }

        foreach (var (name, value, option) in _flags)
            if (result.GetValue(option))
                yield return RunSetting.Of(name, [value], option.Name);
        foreach (var text in settings)
            yield return RunSetting.Parse(text);
    }

    private static IEnumerable<string> Words(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false } given ? given.Tokens.Select(token => token.Value) : [];

    private static bool IsSetting(string word) => word.Contains('=', StringComparison.Ordinal) && !File.Exists(word);
}

/// <summary>Makes options whose values are checked where those of files are.</summary>
internal static class RunFileOption
{
    /// <summary>An option with one value.</summary>
    public static Option<string?> Text(string name, string description) => new(name) { Description = description };

    /// <summary>An option with one value or several.</summary>
    public static Option<string[]> Texts(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
