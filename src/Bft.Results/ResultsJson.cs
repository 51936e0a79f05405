using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Bft.Results;

/// <summary>The one way in which results become JSON and come back: camel case, members in a fixed order, strict on reading.</summary>
internal static class ResultsJson
{
    private const string SchemaField = "schema";
    private static readonly JsonSerializerOptions s_compact = Options(indented: false);
    private static readonly JsonSerializerOptions s_indented = Options(indented: true);

    public static string Write<T>(T value, bool indented) => JsonSerializer.Serialize(value, indented ? s_indented : s_compact);

    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, s_compact);

    /// <summary>Reads a document whose field <c>schema</c> must equal <paramref name="schema"/>.</summary>
    public static T Read<T>(string json, string origin, string schema)
    {
        try
        {
            using (var document = JsonDocument.Parse(json))
                RequireSchema(document.RootElement, origin, schema);
            return JsonSerializer.Deserialize<T>(json, s_compact) ?? throw new ResultsFormatException(origin, "$", "expected an object, found null.");
        }
        catch (JsonException error)
        {
            var line = error.LineNumber is { } number ? $" (line {number + 1})" : "";
            throw new ResultsFormatException(origin, error.Path ?? "$", error.Message + line, error);
        }
        catch (ArgumentException error)
        {
            throw new ResultsFormatException(origin, "$", error.Message, error);
        }
    }

    private static void RequireSchema(JsonElement root, string origin, string schema)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ResultsFormatException(origin, "$", $"expected an object, found {root.ValueKind}.");
        var found = root.TryGetProperty(SchemaField, out var value) ? value.ToString() : "nothing";
        if (found != schema)
            throw new ResultsFormatException(origin, "$." + SchemaField, $"expected '{schema}', found '{found}'.");
    }

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        WriteIndented = indented,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        IgnoreReadOnlyProperties = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DropComputed } },
    };

    /// <summary>Keeps what a constructor or initialiser can take back: computed members are not written.</summary>
    private static void DropComputed(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Namespace != typeof(ResultsJson).Namespace)
            return;
        var taken = type.Type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var property in type.Properties.Where(property => property.Set is null && !taken.Contains(property.Name)).ToList())
            type.Properties.Remove(property);
    }
}
