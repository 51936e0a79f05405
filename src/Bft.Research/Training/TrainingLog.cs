using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bft.Research.Training;

/// <summary>Writes one JSON object a line, flushed at once: <c>{"kind":"step",…}</c> or <c>{"kind":"evaluation",…}</c>, fields as in the reports.</summary>
/// <param name="writer">Where lines go; closed by <see cref="Dispose"/>.</param>
public sealed class TrainingLog(TextWriter writer) : IProgress<StepReport>, IProgress<EvaluationReport>, IDisposable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <inheritdoc/>
    public void Report(StepReport value) => Write("step", value);

    /// <inheritdoc/>
    public void Report(EvaluationReport value) => Write("evaluation", value);

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void Write<T>(string kind, T value)
    {
        var line = JsonSerializer.SerializeToNode(value, s_json)!.AsObject();
        line.Insert(0, "kind", kind);
        writer.WriteLine(line.ToJsonString(s_json));
        writer.Flush();
    }
}
