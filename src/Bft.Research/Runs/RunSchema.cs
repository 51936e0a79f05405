using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Bft.Research.Runs;

/// <summary>An option that holds a value rather than further options.</summary>
/// <param name="Path">Names from the top, with dots: <c>trainer.lora.rank</c>.</param>
/// <param name="Field">The property.</param>
internal sealed record RunOption(string Path, JsonPropertyInfo Field)
{
    /// <summary>The last name of the path.</summary>
    public string Name => Field.Name;

    /// <summary>The last name with underscores: <c>rows_per_micro_batch</c>.</summary>
    public string SnakeName => JsonNamingPolicy.SnakeCaseLower.ConvertName(Field.Name);
}

/// <summary>Names and types of all options of a run file, taken from the records themselves.</summary>
internal sealed class RunSchema
{
    private RunSchema(Type type)
    {
        Root = Json.GetTypeInfo(type);
        Options = [.. Leaves(Root, "")];
        Records = [.. Inner(Root, "")];
    }

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>That of a training run.</summary>
    public static RunSchema Training { get; } = new(typeof(RunOptions));

    /// <summary>The record of all options.</summary>
    public JsonTypeInfo Root { get; }

    /// <summary>All options that hold values.</summary>
    public IReadOnlyList<RunOption> Options { get; }

    /// <summary>All records of options below the top, by path.</summary>
    public IReadOnlyList<(string Path, JsonTypeInfo Type)> Records { get; }

    /// <summary>Whether names of other tools mean something: they are about training.</summary>
    public bool KnowsOtherTools => this == Training;

    /// <summary>Whether a name is that of an option, of a record of options, or of another tool where those are known.</summary>
    public bool Has(string name) =>
        Options.Any(option => Plain(option.Name) == Plain(name)) || Records.Any(record => Plain(record.Path[(record.Path.LastIndexOf('.') + 1)..]) == Plain(name)) || (KnowsOtherTools && RunNames.Has(name));

    /// <summary>The schema of a record of options.</summary>
    public static RunSchema Of(Type type) => type == typeof(RunOptions) ? Training : new(type);

    /// <summary>A name without regard to case, underscores and hyphens.</summary>
    public static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>The property of a record, or null.</summary>
    public static JsonPropertyInfo? Field(JsonTypeInfo owner, string name) => owner.Properties.FirstOrDefault(field => Plain(field.Name) == Plain(name));

    /// <summary>What a property holds: the record itself where it is one, also when it may be null.</summary>
    public static JsonTypeInfo TypeOf(JsonPropertyInfo field) => Json.GetTypeInfo(Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType);

    private static IEnumerable<(string, JsonTypeInfo)> Inner(JsonTypeInfo owner, string prefix) =>
        owner.Properties.Where(field => TypeOf(field).Kind == JsonTypeInfoKind.Object)
            .SelectMany(field => Inner(TypeOf(field), $"{prefix}{field.Name}.").Prepend((prefix + field.Name, TypeOf(field))));

    private static IEnumerable<RunOption> Leaves(JsonTypeInfo owner, string prefix)
    {
        foreach (var field in owner.Properties)
        {
            var path = prefix.Length == 0 ? field.Name : $"{prefix}.{field.Name}";
            var type = TypeOf(field);
            if (type.Kind != JsonTypeInfoKind.Object)
                yield return new(path, field);
            else
                foreach (var leaf in Leaves(type, path))
                    yield return leaf;
        }
    }
}
