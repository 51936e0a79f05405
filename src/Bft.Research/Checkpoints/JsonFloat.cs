using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>Numbers of configurations in JSON.</summary>
internal static class JsonFloat
{
    /// <summary>The JSON of a number as <see cref="PythonNumber.Float"/> writes it.</summary>
    public static JsonNode Of(double value) => JsonNode.Parse(PythonNumber.Float(value))!;
}
