using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Bft.Research.Runs;

/// <summary>Options while they are put together from a file, the environment and the command line; later sources win.</summary>
internal sealed class RunDraft(RunSchema schema, Func<string, string?>? environment = null)
{
    private readonly JsonObject _values = [];
    private readonly Dictionary<string, (string Place, int Rank)> _origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunNode> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Source, string Place)> _nulls = new(StringComparer.Ordinal);
    private readonly List<RunRemark> _remarks = [];
    private int _source;

    /// <summary>What was translated or ignored.</summary>
    public IReadOnlyList<RunRemark> Remarks => _remarks;

    /// <summary>Adds what one source says.</summary>
    /// <param name="members">Names with values, as written.</param>
    /// <param name="lastCounts">Whether of two values for an option the last counts; otherwise two are an error.</param>
    public void Add(IReadOnlyList<(string Name, string Origin, RunNode Value)> members, bool lastCounts = false)
    {
        _source++;
        foreach (var (name, _, value) in members)
            _written[name] = value;
        var direct = new List<(string Path, string Name, RunNode Value)>();
        var settings = new List<(RunName Line, string Origin, RunNode Value)>();
        foreach (var (name, origin, value) in members)
            Sort(name, origin, value, direct, settings);
        foreach (var (line, origin, _) in settings.OrderBy(s => s.Line.Order))
            foreach (var (path, text) in line.Settings(environment))
                Put(path, path, RunText.Value(text, origin), origin, 2 * _source);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, name, value) in direct.OrderBy(d => d.Value is RunScalar { IsNull: true } ? 0 : 1))
        {
            if (!seen.TryAdd(path, $"{value.Origin} as {name}") && !lastCounts)
                throw new InvalidDataException($"{value.Origin}: {name}: expected {path} once, actual also at {seen[path]}.");
            Put(path, name, value, value.Origin, 2 * _source + 1);
        }
    }

    /// <summary>The options.</summary>
    public T Finish<T>()
    {
        Settle("trainer.warmupRatio", "trainer.warmupSteps");
        Settle("trainer.epochs", "trainer.maxSteps");
        if (_origins.TryGetValue("trainer.lora.rank", out var rank) && _values["trainer"]?["lora"]?["rank"] is { } r && r.GetValue<int>() > 0 && !(_origins.TryGetValue("trainer.lora.alpha", out var alpha) && alpha.Rank >= rank.Rank))
            _values["trainer"]!["lora"]!["alpha"] = 2.0 * r.GetValue<int>();
        return _values.Deserialize<T>(RunSchema.Json)!;
    }

    /// <summary>Of two options of which the second wins when it is set, the one of the later source counts.</summary>
    private void Settle(string first, string second)
    {
        if (_origins.TryGetValue(first, out var one) && _origins.TryGetValue(second, out var two) && one.Rank > two.Rank)
            _values[first[..first.IndexOf('.', StringComparison.Ordinal)]]![second[(second.IndexOf('.', StringComparison.Ordinal) + 1)..]] = null;
    }

    /// <summary>Where a problem of <see cref="RunOptions.Validate"/> comes from, put before it.</summary>
    public string Located(string problem)
    {
        var path = RunSchema.Plain(problem[..problem.IndexOf(':', StringComparison.Ordinal)]);
        return _origins.FirstOrDefault(origin => RunSchema.Plain(origin.Key) == path).Value.Place is { } place ? $"{place}: {problem}" : problem;
    }

    private void Sort(
        string name, string origin, RunNode value, List<(string Path, string Name, RunNode Value)> direct, List<(RunName Line, string Origin, RunNode Value)> settings)
    {
        if (!schema.KnowsOtherTools || !RunNames.Has(name))
        {
            direct.AddRange(Own(name, origin, value));
            return;
        }

        if (value is RunScalar { IsNull: true })
            return;
        var line = RunNames.Find(name, value)!;
        switch (line.Rule)
        {
            case NameRule.Is:
                direct.Add((line.Text, name, value));
                Remark(RemarkKind.Translated, origin, name, value, line.Text);
                break;
            case NameRule.List:
                direct.Add((line.Text, name, Parted(value)));
                Remark(RemarkKind.Translated, origin, name, value, line.Text);
                break;
            case NameRule.Dataset:
                direct.Add((line.Text, name, DatasetInfo.Resolve(Parted(value), _written)));
                Remark(RemarkKind.Translated, origin, name, value, line.Text);
                break;
            case NameRule.Set:
                settings.Add((line, origin, value));
                Remark(RemarkKind.Translated, origin, name, value, string.Join("; ", line.Settings(environment).Select(setting => $"{setting.Path}={setting.Value}")));
                break;
            case NameRule.Ignore:
                Remark(RemarkKind.Ignored, origin, name, value, line.Text);
                break;
            case NameRule.Inside:
                foreach (var (inner, place, given) in Members(name, value))
                    Sort(inner, place, given, direct, settings);
                break;
            case NameRule.Refuse:
                throw new InvalidDataException($"{origin}: {name}: {value} cannot be honoured: {line.Text}.");
            default:
                break;
        }
    }

    /// <summary>The members of an object, or of its text in JSON, with their names in the table.</summary>
    private static IEnumerable<(string Name, string Origin, RunNode Value)> Members(string name, RunNode value)
    {
        var map = (value is RunScalar text ? RunText.Value(text.Text, value.Origin) : value) as RunMap ?? throw RunValues.Wrong(value, name, "an object of names and values");
        foreach (var (member, origin, inner) in map.Members)
            yield return RunNames.Has($"{name}.{member}")
                ? ($"{name}.{member}", origin, inner)
                : throw RunValues.Unknown(origin, $"{name}.{member}", RunNames.All.Where(line => line.Name.StartsWith($"{name}.", StringComparison.Ordinal)).Select(line => line.Name[(name.Length + 1)..]));
    }

    /// <summary>A name of the records themselves: a path, the only option with that last name, or a record with its members.</summary>
    private IEnumerable<(string, string, RunNode)> Own(string name, string origin, RunNode value)
    {
        var (path, type) = Find(name, origin);
        if (type.Kind != JsonTypeInfoKind.Object || value is not RunMap map)
            return type.Kind == JsonTypeInfoKind.Object && value is RunScalar { IsNull: false } && RunValues.HasWord(type.Type)
                ? RunValues.Word(value, type, name).Select(m => ($"{path}.{m.Key}", name, (RunNode)new RunScalar(value.Origin, m.Value!.ToString(), true)))
                : [(path, name, value)];
        return map.Members.SelectMany(m => RunSchema.Field(type, m.Name) is { } field
            ? Own($"{path}.{field.Name}", m.Origin, m.Value)
            : throw RunValues.Unknown(m.Origin, $"{path}.{m.Name}", type.Properties.SelectMany(RunValues.Spellings)));
    }

    private (string Path, JsonTypeInfo Type) Find(string name, string origin)
    {
        var owner = schema.Root;
        List<string> path = [];
        foreach (var step in name.Split('.'))
        {
            if (owner.Kind == JsonTypeInfoKind.Object && RunSchema.Field(owner, step) is { } field)
            {
                path.Add(field.Name);
                owner = RunSchema.TypeOf(field);
                continue;
            }

            if (path.Count > 0)
                throw RunValues.Unknown(origin, name, owner.Properties.SelectMany(RunValues.Spellings));
            if (step == name || Inner(step) is not { } inner)
                return Leaf(name, origin);
            path.Add(inner.Path);
            owner = inner.Type;
        }

        return (string.Join('.', path), owner);
    }

    private (string Path, JsonTypeInfo Type) Leaf(string name, string origin)
    {
        RunOption[] named = [.. schema.Options.Where(option => RunSchema.Plain(option.Name) == RunSchema.Plain(name))];
        return named.Length switch
        {
            1 => (named[0].Path, RunSchema.TypeOf(named[0].Field)),
            0 when Inner(name) is null && !schema.KnowsOtherTools && RunSchema.Training.Has(name) => throw new InvalidDataException($"{origin}: {name}: expected no option of training, which has no effect here."),
            0 => Inner(name) ?? throw RunValues.Unknown(origin, name, schema.Options.SelectMany(o => RunValues.Spellings(o.Field)).Concat(schema.Root.Properties.SelectMany(RunValues.Spellings)).Concat(schema.KnowsOtherTools ? RunNames.All.Select(n => n.Name) : [])),
            _ => throw new InvalidDataException($"{origin}: {name}: expected one of {string.Join(", ", named.Select(o => o.Path))}."),
        };
    }

    private (string Path, JsonTypeInfo Type)? Inner(string name) =>
        schema.Records.Where(r => RunSchema.Plain(r.Path[(r.Path.LastIndexOf('.') + 1)..]) == RunSchema.Plain(name)).ToArray() is [var one] ? one : null;

    private void Put(string path, string name, RunNode value, string origin, int rank)
    {
        var steps = path.Split('.');
        var owner = schema.Root;
        var place = _values;
        List<string> walked = [];
        foreach (var step in steps[..^1])
        {
            owner = RunSchema.TypeOf(RunSchema.Field(owner, step)!);
            walked.Add(step);
            if (_nulls.Remove(string.Join('.', walked), out var gone) && gone.Source == _source)
                throw new InvalidDataException($"{origin}: {name}: expected nothing below {string.Join('.', walked)}, which is null ({gone.Place}).");
            place[step] ??= new JsonObject();
            place = place[step]!.AsObject();
        }

        var field = RunSchema.Field(owner, steps[^1])!;
        place[field.Name] = RunValues.Convert(value, RunSchema.TypeOf(field), name, field.IsSetNullable || Nullable.GetUnderlyingType(field.PropertyType) is not null);
        _origins[path] = (origin, rank);
        if (place[field.Name] is null)
            _nulls[path] = (_source, origin);
    }

    private void Remark(RemarkKind kind, string origin, string name, RunNode value, string meaning) => _remarks.Add(new(kind, origin, name, value.ToString(), meaning));

    private static RunList Parted(RunNode value) => value switch
    {
        RunList list => list,
        RunScalar scalar => new(scalar.Origin, [.. scalar.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => new RunScalar(scalar.Origin, part, true))]),
        _ => throw RunValues.Wrong(value, "list", "names parted by commas"),
    };
}
