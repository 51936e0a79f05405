using System.Text.Json;

namespace Bft.Research.Experiments.Passages;

/// <summary>One line of JSON Lines, read once; errors name file, line and field.</summary>
internal readonly record struct JsonLine(string File, int Number, JsonElement Value)
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static JsonLine Parse(string file, int number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(file, number, document.RootElement.Clone())
                : throw new InvalidDataException($"{file}:{number}: expected a JSON object, actual {document.RootElement.ValueKind}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}:{number}: not JSON: {e.Message}", e);
        }
    }

    /// <summary>A text field that must be there.</summary>
    /// <exception cref="InvalidDataException">It is missing or no string.</exception>
    public string Text(string field) => OptionalText(field) ?? throw new InvalidDataException($"{File}:{Number}: field '{field}': expected a string.");

    /// <summary>A text field that may be missing.</summary>
    /// <exception cref="InvalidDataException">It is no string.</exception>
    public string? OptionalText(string field) =>
        !Value.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new InvalidDataException($"{File}:{Number}: field '{field}': expected a string.");
}
