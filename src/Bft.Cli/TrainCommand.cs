using System.CommandLine;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary><c>bft train</c>: trains LoRA or all weights with SFT, DFT or BFT, from a run file, options, or both.</summary>
internal static class TrainCommand
{
    private static readonly TrainOptions s_options = new();

    public static Command Create()
    {
        var command = new Command("train", "Train LoRA (default) or the full model with SFT, DFT or BFT. Writes options.json, run.json, log.jsonl, and adapter/ or model/.");
        s_options.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        List<RunRemark> remarks = [];
        var options = s_options.Read(result, remarks);
        foreach (var remark in remarks)
            Console.Error.WriteLine(remark);
        using var run = TrainingRun.Open(options);
        foreach (var remark in run.Rows.Remarks.Concat(run.Model.LoadRemarks.Concat(run.Adapter?.LoadRemarks ?? []).Select(remark => $"note: {remark}")))
            Console.Error.WriteLine(remark);
        Console.Error.WriteLine(run.Announcement);
        var progress = new TrainingProgress(run.Rows.Plan.Steps);
        Console.Error.WriteLine($"\n{run.Run(progress, progress, cancellation)}");
        return Verb.Success;
    }
}
