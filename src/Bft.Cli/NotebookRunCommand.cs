using System.CommandLine;
using System.Globalization;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;
using Bft.Results;

namespace Bft.Cli;

/// <summary><c>bft notebook run</c>, and the process that it starts for each notebook.</summary>
internal static class NotebookRunCommand
{
    private const string Ending = ".ipynb";
    private const string ThreadsVariable = "OMP_NUM_THREADS";

    private static readonly Option<string?> s_out = new("--out") { Description = "write the executed notebook here, also after a failure; of several, into this folder", HelpName = "FILE|FOLDER" };
    private static readonly Option<bool> s_inPlace = new("--in-place") { Description = "replace a notebook when all its cells succeed" };
    private static readonly Option<string[]> s_parameters = new("--parameter", "-p") { Description = "name=value, replaces a default of the cell tagged 'parameters'", HelpName = "NAME=VALUE" };
    private static readonly Option<string?> s_budget = new("--budget") { Description = "longest time for all notebooks together, for example 90, 5m or 1h30m", HelpName = "TIME" };
    private static readonly Option<string?> s_cellTimeout = new("--cell-timeout") { Description = "longest time for one cell", HelpName = "TIME" };
    private static readonly Option<int> s_jobs = new("--jobs", "-j") { Description = "notebooks at the same time, as far as memory allows", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> s_memory = new("--memory") { Description = "free memory that one more notebook needs before it starts beside others", HelpName = "GB", DefaultValueFactory = _ => 2 };
    private static readonly Option<string?> s_report = new("--report") { Description = "write the outcome of every cell as JUnit XML", HelpName = "FILE" };

    /// <summary>How the process of one notebook is started.</summary>
    public static IReadOnlyList<string> Worker => [.. ThisProgram.Command(), "notebook", "worker"];

    public static Command Create()
    {
        var paths = NotebookCheckCommand.Paths();
        var command = new Command(
            "run", "Run all cells, each notebook in a process of its own; the first cell that fails ends its notebook. Exit codes: 0 all succeeded, 1 a cell failed or ended its process, 2 wrong input, 3 out of time, 130 cancelled.")
        {
            paths, s_out, s_inPlace, s_parameters, s_budget, s_cellTimeout, s_jobs, s_memory, s_report,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var items = Items(NotebookPaths.Expand(result.GetValue(paths)!), result.GetValue(s_out), result.GetValue(s_inPlace));
            var jobs = result.GetValue(s_jobs);
            var options = new BatchOptions
            {
                Worker = Worker,
                Jobs = jobs,
                MemoryPerNotebook = (long)(result.GetValue(s_memory) * 1e9),
                Budget = DurationText.Parse("--budget", result.GetValue(s_budget)),
                CellTimeout = DurationText.Parse("--cell-timeout", result.GetValue(s_cellTimeout)),
                Parameters = Pairs(result.GetValue(s_parameters) ?? []),
                Environment = Threads(jobs),
                Progress = new CellLines(),
            };
            var reports = await NotebookBatch.RunAsync(items, options, cancellationToken);
            await ShowAsync(reports);
            if (result.GetValue(s_report) is { } report)
                JUnitReport.Write(reports, report);
            return RunReport.ExitCodeOf(reports);
        });
        return command;
    }

    /// <summary>One notebook in this process; events on standard output, until standard input ends.</summary>
    public static Command CreateWorker()
    {
        var path = new Argument<string>("PATH");
        var command = new Command("worker", "Run one notebook for 'bft notebook run'.") { path, s_out, s_parameters, s_budget, s_cellTimeout };
        command.Hidden = true;
        command.SetAction(async (result, cancellationToken) =>
        {
            var events = new StreamWriter(Console.OpenStandardOutput());
            var control = new StreamReader(Console.OpenStandardInput());
            var options = new RunOptions
            {
                Parameters = Pairs(result.GetValue(s_parameters) ?? []),
                NotebookTimeout = DurationText.Parse("--budget", result.GetValue(s_budget)),
                CellTimeout = DurationText.Parse("--cell-timeout", result.GetValue(s_cellTimeout)),
                ShownAsText = [typeof(TorchSharp.torch.Tensor)],
                ShownBy = PlotlyCharts.Forms,
            };
            var code = await NotebookWorker.RunAsync(result.GetValue(path)!, result.GetValue(s_out), options, events, control, cancellationToken);
            Environment.Exit(code); // a cell that cannot be stopped may be running
            return code;
        });
        return command;
    }

    private static List<BatchItem> Items(IReadOnlyList<string> files, string? output, bool inPlace)
    {
        if (inPlace && output is not null)
            throw new ArgumentException("--out and --in-place exclude each other.");
        if (inPlace || output is null)
            return [.. files.Select(file => new BatchItem(file, inPlace ? file : null))];
        if (files.Count == 1 && output.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(output))
            return [new BatchItem(files[0], output)];
        if (output.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"--out {output}: {files.Count} notebooks need a folder.");
        if (files.GroupBy(Path.GetFileName).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"--out {output}: {string.Join(" and ", twice)} would be written to one file.");
        return [.. files.Select(file => new BatchItem(file, Path.Combine(output, Path.GetFileName(file))))];
    }

    /// <summary>Notebooks beside each other share the processor, unless the user has decided.</summary>
    private static Dictionary<string, string> Threads(int jobs) => jobs <= 1 || Environment.GetEnvironmentVariable(ThreadsVariable) is not null
        ? []
        : new() { [ThreadsVariable] = Math.Max(1, Environment.ProcessorCount / jobs).ToString(CultureInfo.InvariantCulture) };

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

    /// <summary>How a notebook ended, on standard error.</summary>
    public static async Task ShowAsync(RunReport report)
    {
        await Console.Error.WriteLineAsync($"{report} ({Seconds(report.Elapsed)})");
        foreach (var line in report.Failure?.Trace ?? [])
            await Console.Error.WriteLineAsync("    " + line);
    }

    private static async Task ShowAsync(IReadOnlyList<RunReport> reports)
    {
        foreach (var report in reports)
            await ShowAsync(report);

        if (reports.Count == 1)
            return;
        var table = new TextTable("Notebook", ">Cells", ">Time", "Outcome");
        foreach (var report in reports)
            table.Add(report.File, $"{report.CellsRun}/{report.Cells.Count}", Seconds(report.Elapsed), Outcome(report));
        await Console.Out.WriteAsync(table.ToText());
    }

    private static string Outcome(RunReport report) => report.Failure?.Kind switch
    {
        null => "succeeded",
        FailureKind.Cell => $"cell {report.Failure.Cell} failed",
        FailureKind.Died => report.Failure.Cell == 0 ? "ended its process" : $"cell {report.Failure.Cell} ended its process",
        FailureKind.Timeout => report.Failure.Cell == 0 ? "not started, out of time" : $"cell {report.Failure.Cell} ran out of time",
        _ => "cancelled",
    };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    /// <summary>The cells that have succeeded, on standard error.</summary>
    internal sealed class CellLines : IProgress<BatchProgress>
    {
        public void Report(BatchProgress value)
        {
            if ((value.Cell.Elapsed is { } elapsed ? Seconds(elapsed) : value.Cell.Note) is { } text)
                Console.Error.WriteLine($"{Path.GetFileNameWithoutExtension(value.File)} [{value.Cell.Number}/{value.Cell.Of}] {text}");
        }
    }
}
