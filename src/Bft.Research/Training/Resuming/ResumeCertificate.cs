using System.Text;
using System.Text.Json;
using Bft.Research.Checkpoints;

namespace Bft.Research.Training;

/// <summary>That a run which was killed and resumed came out as one that was not, on this machine, with these options, rows and model. Written as <see cref="FileName"/>.</summary>
public sealed record ResumeCertificate
{
    /// <summary>Name of the file in the folder of the run.</summary>
    public const string FileName = "resume-certificate.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Name and version of the format.</summary>
    public string Format { get; init; } = "bft-resume-certificate-1";

    /// <summary>Whether every byte was the same.</summary>
    public bool Holds => Differences.Count == 0;

    /// <summary>Steps of each run that was compared.</summary>
    public required int Steps { get; init; }

    /// <summary>Runs that were killed, resumed to the end and compared.</summary>
    public required int Runs { get; init; }

    /// <summary>Steps in the log when a process was killed, one entry a kill.</summary>
    public required IReadOnlyList<int> KilledAfterSteps { get; init; }

    /// <summary>Kills that left a half-written checkpoint, which was cleared.</summary>
    public required int KilledWhileWriting { get; init; }

    /// <summary>Tensors compared in each run: what is trained, moments of the optimiser, float32 masters.</summary>
    public required int Tensors { get; init; }

    /// <summary>Their values.</summary>
    public required long Values { get; init; }

    /// <summary>Reports of steps and measurements compared in each run.</summary>
    public required int LogLines { get; init; }

    /// <summary>What differed; empty when nothing did.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>SHA-256 of the model's weights before training.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the rows.</summary>
    public required string Rows { get; init; }

    /// <summary>Trainer options by dotted name.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Device, libtorch, threads.</summary>
    public required IReadOnlyDictionary<string, string> Surroundings { get; init; }

    /// <summary>A certificate about runs that were compared with one straight run.</summary>
    /// <param name="straight">Folder of the straight run.</param>
    /// <param name="comparisons">A comparison for every killed run.</param>
    /// <param name="killedAfterSteps">Steps in the log at every kill.</param>
    /// <param name="killedWhileWriting">Kills that left a half-written checkpoint.</param>
    public static ResumeCertificate Of(string straight, IReadOnlyList<RunComparison> comparisons, IReadOnlyList<int> killedAfterSteps, int killedWhileWriting)
    {
        using var folder = CheckpointFolder.Resume(straight);
        var record = (folder.Start ?? throw new CheckpointException(folder.Folder, "checkpoint", "at least one", "none")).Record;
        return new()
        {
            Steps = record.State.Steps,
            Runs = comparisons.Count,
            KilledAfterSteps = killedAfterSteps,
            KilledWhileWriting = killedWhileWriting,
            Tensors = comparisons.Select(c => c.Tensors).DefaultIfEmpty().Min(),
            Values = comparisons.Select(c => c.Values).DefaultIfEmpty().Min(),
            LogLines = comparisons.Select(c => c.LogLines).DefaultIfEmpty().Min(),
            Differences = [.. comparisons.SelectMany(c => c.Differences)],
            Model = record.Digest.Model,
            Rows = record.Digest.Rows,
            Options = record.Digest.Options,
            Surroundings = record.Surroundings,
        };
    }

    /// <summary>Writes the certificate into a folder; an earlier one is replaced.</summary>
    /// <param name="folder">Folder of the run.</param>
    public void Write(string folder) =>
        AtomicOutput.WriteFile(Path.Combine(folder, FileName), stream => stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, s_json) + "\n")));

    /// <summary>The certificate in one line.</summary>
    public override string ToString()
    {
        var what = $"{Runs} {(Runs == 1 ? "run" : "runs")} of {Steps} steps, {KilledAfterSteps.Count} {(KilledAfterSteps.Count == 1 ? "kill" : "kills")} (after steps {string.Join(", ", KilledAfterSteps.Take(20))}{(KilledAfterSteps.Count > 20 ? ", …" : "")}; {KilledWhileWriting} amid a checkpoint)";
        return Holds
            ? $"resume certificate: {what}: the same as straight through, byte by byte ({Tensors} tensors, {Values} values, {LogLines} reports)"
            : $"resume certificate REFUSED: {what}: not the same as straight through: {string.Join("; ", Differences)}";
    }
}
