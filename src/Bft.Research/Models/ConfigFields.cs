using System.Text.Json;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>Typed fields of a JSON object of a configuration file; every error names the file and the field.</summary>
/// <param name="file">Path shown in errors.</param>
/// <param name="root">The object.</param>
/// <param name="prefix">Path of the object inside the file with a dot at its end, or empty.</param>
internal sealed class ConfigFields(string file, JsonElement root, string prefix = "")
{
    /// <summary>The field, or null when it is absent or null.</summary>
    public JsonElement? Find(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A whole number above zero that must be there.</summary>
    public int Count(string name) => OptionalCount(name) ?? throw Wrong(name, "a whole number above 0", "nothing");

    /// <summary>A whole number above zero, or null when it is absent or null.</summary>
    public int? OptionalCount(string name) => Find(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count > 0 ? count : throw Wrong(name, "a whole number above 0", value.GetRawText());

    /// <summary>A finite number, or null when it is absent or null.</summary>
    public double? Number(string name) => Find(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()) ? value.GetDouble() : throw Wrong(name, "a finite number", value.GetRawText());

    /// <summary>True or false, <paramref name="otherwise"/> when it is absent or null.</summary>
    public bool Flag(string name, bool otherwise) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Wrong(name, "true or false", value.GetRawText()),
    };

    /// <summary>A text, or null when it is absent or null.</summary>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Wrong(name, "a text", value.GetRawText()),
    };

    /// <summary>The texts of an array, or null when it is absent or null.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw Wrong(name, "an array of texts", value.GetRawText());
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>Token ids: a number, an array of numbers, or nothing.</summary>
    public IReadOnlyList<long> Ids(string name)
    {
        if (Find(name) is not { } value)
            return [];
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        long Id(JsonElement item) => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var id)
            ? id
            : throw Wrong(name, "a token id or an array of them", value.GetRawText());
        return [.. items.Select(Id)];
    }

    /// <summary>An object inside this one, or null when it is absent or null.</summary>
    public ConfigFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new(file, value, $"{prefix}{name}."),
        { } value => throw Wrong(name, "an object", value.GetRawText()),
    };

    /// <summary>The error for a field of this object.</summary>
    public CheckpointException Wrong(string name, string expected, string actual) => new(file, prefix + name, expected, actual);

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <exception cref="CheckpointException">The file is absent, or is not a JSON object.</exception>
    public static ConfigFields Read(string file)
    {
        if (!File.Exists(file))
            throw new CheckpointException(file, "file", "a configuration file", "nothing");
        return Parse(File.ReadAllText(file), file);
    }

    /// <summary>Parses the text of one JSON object.</summary>
    /// <exception cref="CheckpointException">It is not a JSON object.</exception>
    public static ConfigFields Parse(string json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var kind = document.RootElement.ValueKind;
            return kind == JsonValueKind.Object
                ? new(file, document.RootElement.Clone())
                : throw new CheckpointException(file, "content", "a JSON object", kind.ToString());
        }
        catch (JsonException e)
        {
            throw new CheckpointException(file, "content", "a JSON object", $"text that is not JSON ({e.Message})", e);
        }
    }
}
