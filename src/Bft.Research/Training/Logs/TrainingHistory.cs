using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Results;

namespace Bft.Research.Training;

/// <summary>A training log that was read back, for notebooks and comparisons.</summary>
/// <param name="Steps">Reports of steps, ascending.</param>
/// <param name="Evaluations">Reports of rows that are only measured, held-out and general, ascending for each.</param>
/// <param name="Skipped">Steps that were left out.</param>
/// <param name="Device">What the run computed on, at its last start; null where the log does not say.</param>
/// <param name="EndsInALine">False when the last line was cut off, as a killed run leaves it; that line is not here.</param>
public sealed record TrainingHistory(
    IReadOnlyList<StepReport> Steps, IReadOnlyList<EvaluationReport> Evaluations, IReadOnlyList<SkippedStep> Skipped, DeviceReport? Device, bool EndsInALine)
{
    /// <summary>A quantity over the steps, to be drawn.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="label">Name and unit of the quantity.</param>
    /// <param name="quantity">The quantity; null leaves a gap.</param>
    public Curve Curve(string name, string label, Func<StepReport, double?> quantity) =>
        new(name, StepLabel, label, [.. Steps.Select(r => (double)r.Step)], [.. Steps.Select(r => quantity(r) ?? double.NaN)]);

    /// <summary>A quantity over the evaluations, to be drawn.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="label">Name and unit of the quantity.</param>
    /// <param name="quantity">The quantity.</param>
    /// <param name="set">Which rows were measured.</param>
    public Curve HeldOut(string name, string label, Func<EvaluationReport, double> quantity, EvaluationSet set = EvaluationSet.HeldOut)
    {
        List<EvaluationReport> reports = [.. Evaluations.Where(r => r.Set == set)];
        return new(name, StepLabel, label, [.. reports.Select(r => (double)r.Step)], [.. reports.Select(quantity)]);
    }

    internal const string StepLabel = "Optimiser step (1)";

    /// <summary>Reads <c>log.jsonl</c>. Where a run went on from a checkpoint, steps that were taken again replace those of before.</summary>
    internal static TrainingHistory Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: no such file.");
        var text = File.ReadAllText(path);
        var whole = text.Length == 0 || text[^1] == '\n';
        string[] lines = text.Split('\n');
        List<StepReport> steps = [];
        List<EvaluationReport> evaluations = [];
        List<SkippedStep> skipped = [];
        DeviceReport? device = null;
        for (var i = 0; i < lines.Length - 1; i++)
            device = Add(lines[i], $"{path}:{i + 1}", steps, evaluations, skipped) ?? device;
        return new(steps, evaluations, skipped, device, whole);
    }

    private static DeviceReport? Add(string line, string place, List<StepReport> steps, List<EvaluationReport> evaluations, List<SkippedStep> skipped)
    {
        try
        {
            var row = JsonNode.Parse(line) as JsonObject ?? throw new InvalidDataException($"{place}: expected a JSON object, actual '{line}'.");
            switch ((row["kind"] as JsonValue)?.ToString())
            {
                case TrainingLog.StepKind:
                    var step = Read<StepReport>(row);
                    steps.RemoveAll(r => r.Step > step.Step - step.Steps);
                    steps.Add(step);
                    break;
                case TrainingLog.EvaluationKind:
                    var evaluation = Read<EvaluationReport>(row);
                    evaluations.RemoveAll(r => r.Set == evaluation.Set && r.Step >= evaluation.Step);
                    evaluations.Add(evaluation);
                    break;
                case TrainingLog.SkippedKind:
                    var left = Read<SkippedStep>(row);
                    skipped.RemoveAll(r => r.Step >= left.Step);
                    skipped.Add(left);
                    break;
                case TrainingLog.DeviceKind:
                    return Read<DeviceReport>(row);
                case null:
                    throw new InvalidDataException($"{place}: kind: expected a name, actual nothing.");
            }

            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place}: {e.Path}: {e.Message}", e);
        }
    }

    private static T Read<T>(JsonObject row) => row.Deserialize<T>(TrainingLog.Json) ?? throw new JsonException("null");
}
