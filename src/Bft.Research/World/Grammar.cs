namespace Bft.Research.World;

/// <summary>A context-free grammar of text, one alternative a line: <c>name = template</c>.</summary>
internal sealed class Grammar
{
    /// <summary>Rules with this prefix are plain text and are marked as causal connectives.</summary>
    public const string CausalPrefix = "causal.";

    private readonly Dictionary<string, IReadOnlyList<Template>> _rules;

    private Grammar(Dictionary<string, IReadOnlyList<Template>> rules) => _rules = rules;

    /// <summary>Names of the rules in order of first appearance.</summary>
    public IReadOnlyCollection<string> Names => _rules.Keys;

    /// <summary>Alternatives of a rule.</summary>
    /// <exception cref="ArgumentException">The grammar has no such rule.</exception>
    public IReadOnlyList<Template> Rule(string name) =>
        _rules.GetValueOrDefault(name) ?? throw new ArgumentException($"The grammar has no rule \"{name}\".", nameof(name));

    /// <summary>Reads a grammar file.</summary>
    /// <param name="path">The file; blank lines and lines that start with # are skipped.</param>
    /// <param name="mentions">Slots that the caller fills.</param>
    /// <exception cref="WorldDataException">A line has no equals sign, a template is malformed, or a slot is neither a rule nor one of <paramref name="mentions"/>.</exception>
    public static Grammar Read(string path, params string[] mentions)
    {
        if (!File.Exists(path))
            throw new WorldDataException(path, 0, "file", "expected a grammar, found nothing.");
        List<(int Line, string Name, Template Template)> alternatives = [];
        var lines = File.ReadAllLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
                continue;
            var equals = lines[i].IndexOf(" = ", StringComparison.Ordinal);
            if (equals <= 0)
                throw new WorldDataException(path, i + 1, "rule", $"expected \"name = template\", actual \"{lines[i]}\".");
            alternatives.Add((i + 1, lines[i][..equals], Parse(path, i + 1, lines[i][..equals], lines[i][(equals + 3)..])));
        }

        var rules = alternatives.GroupBy(a => a.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<Template>)[.. g.Select(a => a.Template)]);
        foreach (var (line, name, template) in alternatives)
        {
            foreach (var slot in template.Slots.Where(s => !rules.ContainsKey(s) && !mentions.Contains(s)))
                throw new WorldDataException(path, line, name, $"expected slots that are rules or {string.Join(", ", mentions)}, actual \"{slot}\".");
        }

        return new(rules);
    }

    /// <summary>Parses a template of a file; a malformed one is an error that names the line.</summary>
    public static Template Parse(string path, int line, string field, string source)
    {
        try
        {
            return Template.Parse(source);
        }
        catch (FormatException error)
        {
            throw new WorldDataException(path, line, field, error.Message);
        }
    }
}
