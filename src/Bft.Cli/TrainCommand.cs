using System.CommandLine;
using Bft.Research.Devices;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary><c>bft train</c>: trains LoRA or all weights with SFT, DFT or BFT, from a run file, options, or both.</summary>
internal static class TrainCommand
{
    private static readonly TrainOptions s_options = new();
    private static readonly ResumeOptions s_resume = new();
    private static readonly Option<bool> s_dry = new("--dry-run") { Description = "do not train: count rows, tokens, padding, steps, operations and memory, and write nothing; exit code 1 when memory does not suffice" };

    public static Command Create()
    {
        var command = new Command("train", "Train LoRA (default) or the full model with SFT, DFT or BFT. Writes options.json, run.json, log.jsonl, checkpoints/, and adapter/ or model/.");
        s_options.AddTo(command);
        s_resume.AddTo(command);
        command.Add(s_dry);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        List<RunRemark> remarks = [];
        var options = s_options.Read(result, remarks, s_resume.OptionsFile(result));
        foreach (var remark in remarks)
            Console.Error.WriteLine(remark);
        if (result.GetValue(s_dry))
            return Count(options);
        if (s_resume.Verifies(result))
            return Verify(result, options, cancellation);
        using var run = s_resume.Open(result, options);
        foreach (var remark in run.Rows.Remarks.Concat(run.Model.LoadRemarks.Concat(run.Adapter?.LoadRemarks ?? []).Select(remark => $"note: {remark}")))
            Console.Error.WriteLine(remark);
        Console.Error.WriteLine($"{run.Announcement}\non {run.Setup}");
        if (!run.Memory.Fits)
            Console.Error.WriteLine(run.Memory.ToText());
        var progress = new TrainingProgress(run.Rows.Plan.Steps, run.Options.LogEvery);
        var end = run.Run(progress, progress, progress, cancellation);
        Console.Error.WriteLine($"\n{end}{(Directory.Exists(run.Result) ? $"; {run.Result}" : "")}");
        if (run.PeakMemoryBytes is > 0 and var peak)
            Console.Error.WriteLine(run.Memory.Compare(peak));
        return Verb.Success;
    }

    private static int Count(RunOptions options)
    {
        var rows = RunRows.Read(options);
        var setup = RunMemory.Choose(options, rows, Environment.GetEnvironmentVariable(Determinism.WorkspaceVariable));
        foreach (var remark in rows.Remarks)
            Console.Error.WriteLine(remark);
        var budget = RunBudget.Of(options, rows, setup);
        Console.WriteLine($"{budget.ToText()}\ndevice      {setup}");
        return budget.Memory.Fits ? Verb.Success : Verb.Failure;
    }

    private static int Verify(ParseResult result, RunOptions options, CancellationToken cancellation)
    {
        var certificate = s_resume.Verify(result, options, cancellation);
        Console.WriteLine(certificate);
        return certificate.Holds ? Verb.Success : Verb.Failure;
    }
}
