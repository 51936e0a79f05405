using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bft.Research.Training;

/// <summary>Writes one JSON object a line, flushed at once: <c>{"kind":"step",…}</c> or <c>{"kind":"evaluation",…}</c>, fields as in the reports.</summary>
/// <remarks>The names are stable and stand in <c>docs/training-log.md</c>. A number that is not finite is written as <c>"NaN"</c>, <c>"Infinity"</c> or <c>"-Infinity"</c>.</remarks>
/// <param name="writer">Where lines go; closed by <see cref="Dispose"/>.</param>
public sealed class TrainingLog(TextWriter writer) : IRunLog
{
    internal const string StepKind = "step";
    internal const string EvaluationKind = "evaluation";

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Reads a log back.</summary>
    /// <param name="path">A file written by this class.</param>
    /// <exception cref="InvalidDataException">There is no such file, or a line that is not the last is broken; names file, line and field.</exception>
    public static TrainingHistory Read(string path) => TrainingHistory.Read(path);

    /// <inheritdoc/>
    public void Report(StepReport value) => Write(StepKind, value);

    /// <inheritdoc/>
    public void Report(EvaluationReport value) => Write(EvaluationKind, value);

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void Write<T>(string kind, T value)
    {
        var line = JsonSerializer.SerializeToNode(value, Json)!.AsObject();
        line.Insert(0, "kind", kind);
        writer.WriteLine(line.ToJsonString(Json));
        writer.Flush();
    }
}
