namespace Bft.Research.Runs;

/// <summary>What a name of another tool means here.</summary>
internal enum NameRule
{
    /// <summary>Its value is the value of an option.</summary>
    Is,

    /// <summary>Its value, parted at commas, is the list of an option.</summary>
    List,

    /// <summary>It sets options to values of their own.</summary>
    Set,

    /// <summary>Its value, parted at commas, names entries of dataset_info.json.</summary>
    Dataset,

    /// <summary>It is read together with another name.</summary>
    With,

    /// <summary>It holds names and values, each of which is in the table as <c>NAME.INNER</c>.</summary>
    Inside,

    /// <summary>It changes nothing here.</summary>
    Ignore,

    /// <summary>It cannot be honoured.</summary>
    Refuse,
}

/// <summary>One line of the table of names.</summary>
/// <param name="Name">As other tools write it.</param>
/// <param name="Value">The value that the line is about; <c>*</c> for every value that no line before it has.</param>
/// <param name="Rule">What it means.</param>
/// <param name="Text">Path of an option, settings, or the reason.</param>
/// <param name="Order">Place in the table; settings of later lines win.</param>
internal sealed record RunName(string Name, string Value, NameRule Rule, string Text, int Order)
{
    /// <summary>Settings of <see cref="NameRule.Set"/>: paths and values.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    public IEnumerable<(string Path, string Value)> Settings(Func<string, string?>? environment)
    {
        foreach (var setting in Text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (path, value) = Parted(setting, '=');
            if (value.StartsWith('$') && Parted(value[1..], '|') is var (name, otherwise))
                value = environment?.Invoke(name) is { Length: > 0 } given ? given : otherwise;
            yield return (path, value);
        }
    }

    private static (string, string) Parted(string text, char mark) => (text[..text.IndexOf(mark)], text[(text.IndexOf(mark) + 1)..]);
}

/// <summary>The table of names that users know from LLaMA-Factory and transformers: <c>run-names.tsv</c>, the only place that translates them.</summary>
internal static class RunNames
{
    /// <summary>All lines.</summary>
    public static IReadOnlyList<RunName> All { get; } = Load();

    private static readonly ILookup<string, RunName> s_byName = All.ToLookup(line => line.Name, StringComparer.Ordinal);

    /// <summary>Whether a name is in the table.</summary>
    public static bool Has(string name) => s_byName.Contains(name);

    /// <summary>The line for a name and a value; null for a name that is not in the table, or whose value is null.</summary>
    /// <exception cref="InvalidDataException">The name is known, the value is not.</exception>
    public static RunName? Find(string name, RunNode value)
    {
        var word = (value as RunScalar)?.Text ?? "";
        return s_byName[name].FirstOrDefault(line => line.Value == "*" || (value is RunScalar && string.Equals(line.Value, word, StringComparison.OrdinalIgnoreCase)))
            ?? (Has(name) ? throw RunValues.Wrong(value, name, $"one of {string.Join(", ", s_byName[name].Where(l => l.Rule != NameRule.Refuse).Select(l => l.Value))}") : null);
    }

    /// <summary>Reads the table.</summary>
    internal static IReadOnlyList<RunName> Parse(TextReader reader)
    {
        List<RunName> lines = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var cells = line.Split('\t');
            foreach (var name in cells[0].Split(' '))
                lines.Add(new(name, cells[1], Enum.Parse<NameRule>(cells[2], ignoreCase: true), cells.ElementAtOrDefault(3) ?? "", lines.Count));
        }

        return lines;
    }

    private static IReadOnlyList<RunName> Load()
    {
        using var reader = new StreamReader(typeof(RunNames).Assembly.GetManifestResourceStream("run-names.tsv")!);
        return Parse(reader);
    }
}
