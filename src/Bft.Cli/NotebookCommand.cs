using System.CommandLine;
using System.Globalization;
using Bft.Notebooks.Running;

namespace Bft.Cli;

/// <summary><c>bft notebook</c>: runs and checks notebooks.</summary>
internal static class NotebookCommand
{
    public static Command Create() => new("notebook", "Run and check notebooks (.ipynb), serve them to Jupyter.")
    {
        CreateRun(), NotebookCheckCommand.CreateCheck(), NotebookCheckCommand.CreateStrip(), NotebookKernelCommand.CreateInstall(),
        NotebookKernelCommand.CreateUninstall(), NotebookKernelCommand.CreateKernel(),
    };

    private static Command CreateRun()
    {
        var file = new Argument<string>("FILE") { Description = "the notebook" };
        var output = new Option<string?>("--out") { Description = "write the executed notebook here, also after a failure" };
        var inPlace = new Option<bool>("--in-place") { Description = "replace the notebook when all cells succeed" };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "name=value, replaces a default of the cell tagged 'parameters'" };
        var timeout = new Option<double?>("--timeout") { Description = "longest time for the notebook, in seconds" };
        var cellTimeout = new Option<double?>("--cell-timeout") { Description = "longest time for one cell, in seconds" };
        var notes = new Option<string?>(NotebookProcess.NotesOption) { Hidden = true };
        var command = new Command("run", "Run all cells; without --out or --in-place only to see that they succeed.") { file, output, inPlace, parameters, timeout, cellTimeout, notes };
        command.SetAction(async (result, cancellationToken) =>
        {
            var error = Console.Error; // a cell that cannot be stopped keeps the console
            var path = result.GetValue(file)!;
            if (result.GetValue(inPlace) && result.GetValue(output) is not null)
                throw new ArgumentException("--out and --in-place exclude each other.");
            if (result.GetValue(notes) is not { } noted)
                return await NotebookProcess.RunAsync(path, result.Tokens.Select(token => token.Value), cancellationToken);
            var options = new RunOptions
            {
                Parameters = Pairs(result.GetValue(parameters) ?? []),
                NotebookTimeout = Seconds(result.GetValue(timeout)),
                CellTimeout = Seconds(result.GetValue(cellTimeout)),
                ShownAsText = [typeof(TorchSharp.torch.Tensor)],
                Progress = NotebookProcess.Note(noted, new ConsoleProgress()),
            };
            RunReport report;
            try
            {
                report = await NotebookRunner.RunFileAsync(path, result.GetValue(inPlace) ? path : result.GetValue(output), options, cancellationToken);
            }
            finally
            {
                NotebookProcess.NoteDone(noted);
            }

            if (report.Failure is { } failure)
                foreach (var line in failure.Trace)
                    await error.WriteLineAsync("    " + line);
            await error.WriteLineAsync($"{report} ({report.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)");
            return report.ExitCode;
        });
        return command;
    }

    private static Dictionary<string, string> Pairs(string[] assignments)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var assignment in assignments)
        {
            if (assignment.Split('=', 2) is not [{ Length: > 0 } name, var value])
                throw new ArgumentException($"-p {assignment}: expected name=value.");
            if (!pairs.TryAdd(name, value))
                throw new ArgumentException($"-p {assignment}: {name} is given twice.");
        }

        return pairs;
    }

    private static TimeSpan? Seconds(double? value) => value is null ? null : TimeSpan.FromSeconds(value.Value);

    private sealed class ConsoleProgress : IProgress<CellProgress>
    {
        private readonly TextWriter _error = Console.Error;

        public void Report(CellProgress value) =>
            _error.WriteLine($"[{value.Number}/{value.Of}] {value.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
    }
}
