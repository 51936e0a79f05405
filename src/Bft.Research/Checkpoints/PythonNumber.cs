using System.Globalization;
using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>Numbers as Python writes them: libraries that check the types of a configuration's fields take <c>10000</c> for a whole number and refuse it where they want <c>10000.0</c>.</summary>
internal static class PythonNumber
{
    /// <summary>The JSON of a number that stays one with a point or an exponent.</summary>
    public static JsonNode Float(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return JsonNode.Parse(text.AsSpan().IndexOfAny('.', 'e') < 0 ? $"{text}.0" : text)!;
    }
}
