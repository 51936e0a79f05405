using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Bft.Research.Data;
using Bft.Research.Objectives;

namespace Bft.Research.Runs;

/// <summary>Turns what was written into the JSON of the option's type, or says what was expected.</summary>
internal static class RunValues
{
    private static readonly string[] s_yes = ["true", "yes", "on"];
    private static readonly string[] s_no = ["false", "no", "off"];

    /// <summary>Records that a single word can stand for.</summary>
    private static readonly Dictionary<Type, Func<string, JsonObject>> s_words = new()
    {
        [typeof(ObjectiveOptions)] = word => Objective.Named(word.Replace('_', '-').ToLowerInvariant()) is var named
            ? new() { ["kind"] = named.Kind.ToString(), ["ablation"] = named.Ablation.ToString() }
            : [],
        [typeof(DataSource)] = path => new() { ["file"] = path },
        [typeof(RowPolicies)] = word => word.ToLowerInvariant() switch
        {
            "skip" => JsonSerializer.SerializeToNode(RowPolicies.SkipUnusable, RunSchema.Json)!.AsObject(),
            "refuse" => JsonSerializer.SerializeToNode(new RowPolicies(), RunSchema.Json)!.AsObject(),
            _ => throw new ArgumentException("skip or refuse", nameof(word)),
        },
    };

    /// <summary>Whether a word can stand for a record of this type.</summary>
    public static bool HasWord(Type type) => s_words.ContainsKey(type);

    /// <summary>The JSON of a value.</summary>
    /// <param name="node">What was written.</param>
    /// <param name="type">Type of the option.</param>
    /// <param name="name">Name of the option for errors.</param>
    /// <param name="nullable">Whether null is a value of the option.</param>
    /// <exception cref="InvalidDataException">It is no such value; names place, option, expected and actual.</exception>
    public static JsonNode? Convert(RunNode node, JsonTypeInfo type, string name, bool nullable)
    {
        if (node is RunScalar { IsNull: true } && nullable)
            return null;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => node is RunMap map ? Object(map, type, name) : Word(node, type, name),
            JsonTypeInfoKind.Enumerable => Items(node, type, name),
            JsonTypeInfoKind.Dictionary => Entries(node, type, name),
            _ => Scalar(node as RunScalar ?? throw Wrong(node, name, Expected(type.Type)), type.Type, name),
        };
    }

    /// <summary>An error about a value.</summary>
    public static InvalidDataException Wrong(RunNode node, string name, string expected) => new($"{node.Origin}: {name}: expected {expected}, actual {node}.");

    /// <summary>An error about a name that does not exist.</summary>
    public static InvalidDataException Unknown(string origin, string name, IEnumerable<string> known) =>
        new($"{origin}: {name}: there is no such option; the nearest is '{OptionNames.Nearest(name[(name.LastIndexOf('.') + 1)..], known)}'.");

    private static JsonObject Object(RunMap map, JsonTypeInfo type, string name)
    {
        JsonObject made = [];
        foreach (var (member, origin, value) in map.Members)
        {
            var field = RunSchema.Field(type, member) ?? throw Unknown(origin, $"{name}.{member}", type.Properties.SelectMany(Spellings));
            if (made.ContainsKey(field.Name))
                throw new InvalidDataException($"{origin}: {name}.{member}: expected once, actual twice.");
            made[field.Name] = Convert(value, RunSchema.TypeOf(field), $"{name}.{field.Name}", field.IsSetNullable || Nullable.GetUnderlyingType(field.PropertyType) is not null);
        }

        return made;
    }

    /// <summary>The two ways to write a name.</summary>
    public static string[] Spellings(JsonPropertyInfo field) => [field.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name)];

    public static JsonObject Word(RunNode node, JsonTypeInfo type, string name)
    {
        if (node is not RunScalar { IsNull: false } scalar || !s_words.TryGetValue(type.Type, out var word))
            throw Wrong(node, name, $"an object with {string.Join(", ", type.Properties.Select(p => p.Name).Take(4))}, …");
        try
        {
            return word(scalar.Text);
        }
        catch (ArgumentException)
        {
            throw Wrong(node, name, type.Type == typeof(ObjectiveOptions) ? $"one of {string.Join(", ", Objective.Names)}" : "skip, refuse or a policy for each problem");
        }
    }

    private static JsonArray Items(RunNode node, JsonTypeInfo type, string name)
    {
        var items = node is RunList list ? list.Items : [node];
        var element = RunSchema.Json.GetTypeInfo(type.ElementType!);
        return [.. items.Select((item, i) => Convert(item, element, node is RunList ? $"{name}[{i}]" : name, false))];
    }

    private static JsonObject Entries(RunNode node, JsonTypeInfo type, string name)
    {
        if (node is not RunMap map)
            throw Wrong(node, name, "an object of names and values");
        var element = RunSchema.Json.GetTypeInfo(type.ElementType!);
        return new(map.Members.Select(m => KeyValuePair.Create(m.Name, Convert(m.Value, element, $"{name}.{m.Name}", false))));
    }

    private static JsonValue Scalar(RunScalar scalar, Type type, string name)
    {
        var word = scalar.Text.ToLowerInvariant();
        if (type == typeof(string))
            return scalar.IsNull ? throw Wrong(scalar, name, Expected(type)) : JsonValue.Create(scalar.Text);
        if (type == typeof(bool) && (s_yes.Contains(word) || s_no.Contains(word)))
            return JsonValue.Create(s_yes.Contains(word));
        if (type.IsEnum && Enum.GetNames(type).FirstOrDefault(n => RunSchema.Plain(n) == RunSchema.Plain(scalar.Text)) is { } named)
            return JsonValue.Create(named);
        if (type == typeof(double) && Number(word) is { } number)
            return double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(number > 0 ? "Infinity" : "-Infinity");
        if ((type == typeof(int) || type == typeof(long)) && Number(word) is { } whole && double.IsInteger(whole) && Math.Abs(whole) <= (type == typeof(int) ? int.MaxValue : 1L << 53))
            return type == typeof(int) ? JsonValue.Create((int)whole) : JsonValue.Create((long)whole);
        throw Wrong(scalar, name, Expected(type));
    }

    private static double? Number(string word) => word.TrimStart('.') switch
    {
        "inf" or "infinity" or "+inf" => double.PositiveInfinity,
        _ => double.TryParse(word.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null,
    };

    private static string Expected(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type == typeof(string) ? "text"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : "a whole number";
}
