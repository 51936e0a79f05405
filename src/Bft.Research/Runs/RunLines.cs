using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>What a run's folder or a checkpoint holds, and what resuming will do.</summary>
internal static class RunLines
{
    public static IReadOnlyList<(string Name, string Text)> OfCheckpoint(string folder)
    {
        var checkpoint = TrainingCheckpoint.Open(folder);
        var state = checkpoint.Record.State;
        return
        [
            ("checkpoint", $"after step {checkpoint.Step} of {checkpoint.PlannedSteps}{(state.Skipped > 0 ? $", {state.Skipped} skipped" : "")}; its files have the hashes they should have"),
            ("best", state.BestStep is { } best ? $"after step {best}, {state.EvaluationsWithoutGain} measurements without a gain since" : "nothing measured yet"),
            ("made with", string.Join(", ", checkpoint.Record.Surroundings.Select(one => $"{one.Key} {one.Value}"))),
            ("holds", string.Join(", ", checkpoint.Record.Files.Keys)),
            ("resuming", checkpoint.Step >= checkpoint.PlannedSteps ? "nothing is left: all steps are taken" : $"goes on with step {checkpoint.Step + 1} of {checkpoint.PlannedSteps}, if model, rows and options are the same: bft train --resume {folder}"),
        ];
    }

    public static IReadOnlyList<(string Name, string Text)> OfRun(string folder)
    {
        var options = RunFile.Read(Path.Combine(folder, TrainingRun.OptionsFile));
        var log = Path.Combine(folder, TrainingLog.FileName);
        var history = File.Exists(log) ? TrainingLog.Read(log) : null;
        var checkpoints = CheckpointFolder.ListOf(folder);
        return
        [
            ("run", $"{options.Trainer.Objective.Kind} on {options.Model}, {(options.Trainer.Lora is { } lora ? $"LoRA of rank {lora.Rank}" : "all weights")}"),
            ("rows", string.Join(", ", options.Data.Select(source => source.File))),
            ("log", history?.Steps is [.., var last] ? FormattableString.Invariant($"{last.Step} of {last.TotalSteps?.ToString() ?? "?"} steps; last loss {last.Loss:0.0000}, nll {last.MeanNll:0.0000}") : "no step"),
            ("checkpoints", checkpoints.Count == 0 ? "none" : string.Join(", ", checkpoints.Keys.Order().Select(step => $"step {step}"))),
            ("result", RunResult.In(folder) ?? "none yet"),
            .. checkpoints.Count == 0 ? Array.Empty<(string, string)>() : [.. OfCheckpoint(checkpoints[checkpoints.Keys.Max()]).Where(line => line.Name == "resuming")],
        ];
    }
}
