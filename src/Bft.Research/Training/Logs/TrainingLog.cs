using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bft.Research.Training;

/// <summary>Writes one JSON object a line, flushed at once: <c>{"kind":"step",…}</c>, and likewise <c>evaluation</c>, <c>skipped</c> and <c>device</c>, fields as in the reports.</summary>
/// <remarks>The names are stable and stand in <c>docs/training-log.md</c>. A number that is not finite is written as <c>"NaN"</c>, <c>"Infinity"</c> or <c>"-Infinity"</c>.</remarks>
/// <param name="writer">Where lines go; closed by <see cref="Dispose"/>.</param>
public sealed class TrainingLog(TextWriter writer) : IRunLog
{
    /// <summary>Its name in the folder of a run.</summary>
    public const string FileName = "log.jsonl";
    internal const string StepKind = "step";
    internal const string EvaluationKind = "evaluation";
    internal const string SkippedKind = "skipped";
    internal const string DeviceKind = "device";
    private FileStream? _file;

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Starts the log of a run, or goes on with it where a checkpoint stands: lines of later steps are taken out, so that every step is reported once.</summary>
    /// <param name="path">The file; must not exist for a new run.</param>
    /// <param name="start">The checkpoint that the run goes on from; null for a new run.</param>
    /// <exception cref="InvalidDataException">The log is not that of the checkpoint: absent, broken, or without one of its steps.</exception>
    public static TrainingLog Open(string path, TrainingCheckpoint? start = null)
    {
        if (start is not null)
            TrainingLogCut.To(path, start);
        var file = new FileStream(path, start is null ? FileMode.CreateNew : FileMode.Append, FileAccess.Write, FileShare.Read);
        return new(new StreamWriter(file)) { _file = file };
    }

    /// <summary>Reads a log back.</summary>
    /// <param name="path">A file written by this class.</param>
    /// <exception cref="InvalidDataException">There is no such file, or a line that is not the last is broken; names file, line and field.</exception>
    public static TrainingHistory Read(string path) => TrainingHistory.Read(path);

    /// <inheritdoc/>
    public void Report(StepReport value) => Write(StepKind, value);

    /// <inheritdoc/>
    public void Report(EvaluationReport value) => Write(EvaluationKind, value);

    /// <inheritdoc/>
    public void Report(SkippedStep value) => Write(SkippedKind, value);

    /// <inheritdoc/>
    public void Report(DeviceReport value) => Write(DeviceKind, value);

    /// <inheritdoc/>
    public void Flush()
    {
        writer.Flush();
        _file?.Flush(flushToDisk: true);
    }

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
