using System.Text.Json;

namespace Bft.Research.Experiments.Passages;

/// <summary>One text field of one line of JSON, with errors that name file, line and field.</summary>
internal static class JsonLine
{
    /// <summary>A field that must be there.</summary>
    /// <exception cref="InvalidDataException">The line is not a JSON object, or the field is missing or no string.</exception>
    public static string Text(string path, int line, string json, string field) =>
        OptionalText(path, line, json, field) ?? throw new InvalidDataException($"{path}:{line}: field '{field}': expected a string.");

    /// <summary>A field that may be missing.</summary>
    /// <exception cref="InvalidDataException">The line is not a JSON object, or the field is no string.</exception>
    public static string? OptionalText(string path, int line, string json, string field)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{path}:{line}: expected a JSON object, actual {document.RootElement.ValueKind}.");
            if (!document.RootElement.TryGetProperty(field, out var value))
                return null;
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : throw new InvalidDataException($"{path}:{line}: field '{field}': expected a string.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{line}: not JSON: {e.Message}", e);
        }
    }
}
