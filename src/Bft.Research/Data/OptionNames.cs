using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Bft.Research.Data;

/// <summary>Names of options in files and on the command line, for messages about those that do not exist.</summary>
public static class OptionNames
{
    /// <summary>What was wrong with a file of options: the field with its path; for an unknown field the nearest one that exists.</summary>
    /// <param name="error">The reader's error.</param>
    /// <param name="type">What the whole file should be.</param>
    /// <param name="json">How it was read.</param>
    internal static string Explain(JsonException error, Type type, JsonSerializerOptions json)
    {
        string[] steps = (error.Path ?? "$").Split('.')[1..];
        var owner = json.GetTypeInfo(type);
        foreach (var step in steps.SkipLast(1))
            if (Field(owner, step) is { } field)
                owner = json.GetTypeInfo(Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType);
        if (steps.Length == 0 || owner.Kind != JsonTypeInfoKind.Object || Field(owner, steps[^1]) is not null)
            return $"{error.Path ?? "$"}: {error.Message}";
        return $"{error.Path}: there is no such option; the nearest is '{Nearest(steps[^1], owner.Properties.Select(field => field.Name))}'.";
    }

    /// <summary>The candidate that the fewest insertions, deletions and substitutions of letters make out of <paramref name="name"/>, case aside; the first of equals; null when there is none.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What there is.</param>
    public static string? Nearest(string name, IEnumerable<string> candidates) => NearestName.Of(name, candidates);

    private static JsonPropertyInfo? Field(JsonTypeInfo owner, string name) => owner.Properties.FirstOrDefault(field => field.Name == name);
}
