using Bft.Research.Checkpoints;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>What a run leaves beside its checkpoints: <c>adapter/</c>, or <c>model/</c> with the tokenizer; whole or not at all.</summary>
internal static class RunResult
{
    /// <summary>Where the result of a run will be.</summary>
    public static string Folder(TrainingRun run) => Path.Combine(run.Options.Output, Name(run));

    /// <summary>The result that lies in the folder of a run; null when there is none yet.</summary>
    public static string? In(string run) =>
        new[] { TrainingCheckpoint.AdapterFolder, TrainingCheckpoint.ModelFolder }.Select(name => Path.Combine(run, name)).FirstOrDefault(Directory.Exists);

    /// <summary>Writes the result, unless it is there: the weights of the last step, or of the best checkpoint where the run asks for it.</summary>
    public static void Write(TrainingRun run, TrainingEnd end)
    {
        var folder = Folder(run);
        if (Directory.Exists(folder))
            return;
        var best = run.Options.SaveBest && end.BestStep != end.Step ? end.BestCheckpoint : null;
        AtomicOutput.WriteFolder(folder, place =>
        {
            if (best is null)
                run.Trainer.Save(place, run.Options.Model);
            else
                foreach (var file in Directory.EnumerateFiles(Path.Combine(best, Name(run))))
                    File.Copy(file, Path.Combine(place, Path.GetFileName(file)));
            if (run.Adapter is null)
                CompanionFiles.Copy(run.Options.Model, place);
        });
    }

    private static string Name(TrainingRun run) => run.Adapter is null ? TrainingCheckpoint.ModelFolder : TrainingCheckpoint.AdapterFolder;
}
