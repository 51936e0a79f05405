using System.Diagnostics;
using Bft.Notebooks.Files;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>Runs all code cells of a notebook in order and puts their outputs into it.</summary>
public static class NotebookRunner
{
    /// <summary>Runs a file.</summary>
    /// <param name="path">The notebook; its folder is the current folder of the cells.</param>
    /// <param name="output">
    /// Where to write the result, null for nowhere. The notebook itself is only replaced after a complete run; another file is also written after a
    /// failure, with the error as last output and without the mark of a complete run.
    /// </param>
    /// <param name="options">Parameters and limits.</param>
    /// <param name="cancellationToken">Interrupts the running cell and ends the run.</param>
    /// <exception cref="NotebookFormatException">The file is not a notebook.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the output does not exist.</exception>
    /// <exception cref="NotebookParameterException">A parameter is unknown or its value does not fit.</exception>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public static async Task<RunReport> RunFileAsync(string path, string? output, RunOptions options, CancellationToken cancellationToken)
    {
        var notebook = NotebookFile.Read(path);
        if (output is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(output))))
            throw new DirectoryNotFoundException($"{output}: there is no such folder to write to.");
        var report = await RunAsync(notebook, path, options, cancellationToken).ConfigureAwait(false);
        var inPlace = output is not null && Path.GetFullPath(output) == Path.GetFullPath(path);
        if (output is not null && (report.Succeeded || !inPlace))
            NotebookFile.Write(notebook, output);
        return report;
    }

    /// <summary>Runs a notebook in memory; <paramref name="path"/> gives its folder and its name in messages. Otherwise as <see cref="RunFileAsync"/>.</summary>
    /// <exception cref="NotebookParameterException">A parameter is unknown or its value does not fit.</exception>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public static async Task<RunReport> RunAsync(Notebook notebook, string path, RunOptions options, CancellationToken cancellationToken)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        OutputStripper.Strip(notebook);
        NotebookParameters.Apply(notebook, path, options.Parameters);

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var session = await NotebookSession.StartAsync(
            new SessionOptions { WorkingFolder = folder, Assemblies = options.Assemblies, ShownAsText = options.ShownAsText, ShownBy = options.ShownBy }, cancellationToken).ConfigureAwait(false);
        var report = await RunCellsAsync(notebook, path, session, options, cancellationToken).ConfigureAwait(false);
        if (report.Succeeded)
            CellsHash.Record(notebook);
        return report;
    }

    private static async Task<RunReport> RunCellsAsync(
        Notebook notebook, string path, INotebookSession session, RunOptions options, CancellationToken cancellationToken)
    {
        var recorder = new OutputRecorder(new OutputPaths(Path.GetDirectoryName(Path.GetFullPath(path))!), options.Shown);
        var cells = CellsToRun(notebook);
        var times = cells.Select(cell => new CellTime(cell.Number, cell.Position, null)).ToList();
        var count = notebook.Cells.Count(cell => cell.Kind == CellKind.Code);
        var watch = Stopwatch.StartNew();
        foreach (var (index, cell) in cells.Index())
        {
            var start = watch.Elapsed;
            options.Progress?.Report(new CellProgress(cell.Number, cell.Position, count, null));
            var limit = Least(options.CellTimeout, options.NotebookTimeout - start);
            recorder.Begin(cell, text => options.Progress?.Report(new CellProgress(cell.Number, cell.Position, count, null, text)));
            var request = new CellRequest(cell.Source, cell.Number, cell.MetadataLanguage ?? notebook.DefaultLanguage);
            var failure = await RunCellAsync(cell, session.SubmitAsync, request, recorder, limit, options.Grace, cancellationToken).ConfigureAwait(false);
            if (failure is not null)
                return new RunReport(path, times, watch.Elapsed, failure);
            times[index] = times[index] with { Elapsed = watch.Elapsed - start };
            options.Progress?.Report(new CellProgress(cell.Number, cell.Position, count, times[index].Elapsed));
        }

        return new RunReport(path, times, watch.Elapsed, null);
    }

    /// <summary>The code cells with content.</summary>
    internal static List<NotebookCell> CellsToRun(Notebook notebook) =>
        [.. notebook.Cells.Where(cell => cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source))];

    private static async Task<RunFailure?> RunCellAsync(
        NotebookCell cell, Func<CellRequest, ICellSink, CancellationToken, Task<CellResult>> submit, CellRequest request, OutputRecorder recorder,
        TimeSpan? limit, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (limit <= TimeSpan.Zero)
            return Stop(FailureKind.Timeout, "TimeoutError", "The notebook's time was used up before this cell.");
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } time)
            budget.CancelAfter(time);
        var running = submit(request, recorder, budget.Token);
        try
        {
            var stopped = new TaskCompletionSource();
            await using var registration = budget.Token.Register(() => _ = Task.Delay(grace).ContinueWith(_ => stopped.TrySetResult(), TaskScheduler.Default)).ConfigureAwait(false);
            if (await Task.WhenAny(running, stopped.Task).ConfigureAwait(false) != running)
                return Stop(FailureKind.Timeout, "TimeoutError", $"The cell was interrupted and did not stop within {grace.TotalSeconds:0} s; it is in a native call.");
        }
        finally
        {
            recorder.End();
        }

        var result = await running.ConfigureAwait(false);
        if (result.Error is not { } error)
            return null;
        if (cancellationToken.IsCancellationRequested)
            return Stop(FailureKind.Cancelled, CellError.Interrupted, "The run was cancelled.");
        if (budget.IsCancellationRequested && error.Name == CellError.Interrupted)
            return Stop(FailureKind.Timeout, "TimeoutError", $"The cell took longer than {limit!.Value.TotalSeconds:0.#} s.");
        return new RunFailure(FailureKind.Cell, cell.Number, cell.Position, error.Line, error.Name, error.Message, error.Trace);

        RunFailure Stop(FailureKind kind, string name, string message) => new(kind, cell.Number, cell.Position, null, name, message, [message]);
    }

    private static TimeSpan? Least(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;
}
