using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;

namespace Bft.Research.Training;

/// <summary>Takes out of a training log what a resumed run will report again, so that every step is in it once.</summary>
internal static class TrainingLogCut
{
    /// <summary>Keeps the lines of the steps that a checkpoint has behind it, and of what was measured before it; a half line at the end goes too.</summary>
    /// <param name="path">The log.</param>
    /// <param name="start">The checkpoint.</param>
    /// <exception cref="InvalidDataException">A line is broken, or a step is missing or twice; names file, line, expected and actual.</exception>
    public static void To(string path, TrainingCheckpoint start)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: expected the log of the run that is resumed, actual nothing.");
        var lines = File.ReadAllText(path).Split('\n');
        var kept = new StringBuilder();
        var next = 1;
        for (var i = 0; i < lines.Length - 1; i++) // the last part has no line end: empty, or what a killed run left
        {
            var (kind, step, steps) = Read(lines[i], $"{path}:{i + 1}");
            var measured = kind is TrainingLog.EvaluationKind or TrainingLog.DeviceKind; // of a moment between steps
            if (step > (measured ? start.Settled : start.Step))
                continue;
            if (!measured && step - steps + 1 != next)
                throw new InvalidDataException($"{path}:{i + 1}: step: expected {next} to come next, actual {step - steps + 1}.");
            next = measured ? next : step + 1;
            kept.Append(lines[i]).Append('\n');
        }

        if (next != start.Step + 1)
            throw new InvalidDataException($"{path}: expected steps 1 to {start.Step} of {start.Folder}, actual 1 to {next - 1}.");
        AtomicOutput.WriteFile(path, stream => stream.Write(Encoding.UTF8.GetBytes(kept.ToString())));
    }

    private static (string Kind, int Step, int Steps) Read(string line, string place)
    {
        try
        {
            var row = JsonNode.Parse(line)!.AsObject();
            return ((string)row["kind"]!, (int)row["step"]!, (int?)row["steps"] ?? 1);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentNullException or FormatException)
        {
            throw new InvalidDataException($"{place}: expected a line with kind and step, actual '{line}'.", e);
        }
    }
}
