using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>What a folder or file is: a model, an adapter, a checkpoint or a run, in lines of a name and a text. No weights are loaded but an adapter's.</summary>
public sealed class FolderReport
{
    private readonly Lazy<JsonObject> _values;

    private FolderReport(string kind, IReadOnlyList<(string Name, string Text)> lines, Func<JsonObject> values) => (Kind, Lines, _values) = (kind, lines, new(values));

    /// <summary>For example <c>model</c>.</summary>
    public string Kind { get; }

    /// <summary>Names and texts in the order in which they are read.</summary>
    public IReadOnlyList<(string Name, string Text)> Lines { get; }

    /// <summary>The same as numbers and names for programs, read when they are first asked for; fields as in <c>docs/inspect.md</c>.</summary>
    public JsonObject Values => _values.Value;

    /// <summary>Looks at a folder or file.</summary>
    /// <param name="path">A model folder, a GGUF file, a PEFT folder, the folder of a checkpoint or of a run.</param>
    /// <exception cref="InvalidDataException">It is none of them.</exception>
    /// <exception cref="CheckpointException">It is one of them and broken; names file, field, expected, actual.</exception>
    public static FolderReport Of(string path)
    {
        if (File.Exists(path))
            return new("model", ModelLines.Of(path), () => FolderValues.OfModel(path));
        if (!Directory.Exists(path))
            throw new InvalidDataException($"{path}: no such folder or file.");
        bool Has(string name) => File.Exists(Path.Combine(path, name));
        if (Has(CheckpointRecord.FileName))
            return new("checkpoint", RunLines.OfCheckpoint(path), () => FolderValues.OfCheckpoint(path));
        if (Has(PeftConfig.FileName))
            return new("adapter", AdapterLines.Of(path), () => FolderValues.OfAdapter(path));
        if (Has(TrainingRun.OptionsFile))
            return new("run", RunLines.OfRun(path), () => FolderValues.OfRun(path));
        if (Has(CausalLmConfig.FileName) || Directory.GetFiles(path, "*.gguf").Length > 0)
            return new("model", ModelLines.Of(path), () => FolderValues.OfModel(path));
        string[] found = [.. Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        throw new InvalidDataException(
            $"{path}: expected {CausalLmConfig.FileName} or a .gguf file (a model), {PeftConfig.FileName} (an adapter), {CheckpointRecord.FileName} (a checkpoint) or {TrainingRun.OptionsFile} (a run), "
            + $"actual {(found.Length == 0 ? "an empty folder" : string.Join(", ", found.Take(8)))}.");
    }

    /// <summary>The lines with their names in a column.</summary>
    public override string ToString()
    {
        var width = Lines.Max(line => line.Name.Length);
        return string.Join('\n', Lines.Select(line => $"{line.Name.PadRight(width)}  {line.Text}"));
    }

    /// <summary>A number of bytes as people read it.</summary>
    internal static string Bytes(double bytes) => FormattableString.Invariant($"{(bytes >= 1e9 ? bytes / 1e9 : bytes / 1e6):0.0} {(bytes >= 1e9 ? "GB" : "MB")}");

    /// <summary>A number with separators.</summary>
    internal static string Count(long number) => number.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture);
}
