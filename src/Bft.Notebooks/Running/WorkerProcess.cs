using System.Diagnostics;
using System.Globalization;
using Bft.Notebooks.Files;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>One notebook in a process of its own, as the process that started it sees it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int TraceLines = 20;
    private const string LeftOut = "…";
    private static readonly string[] s_engineFrames =
        ["   at System.Runtime.CompilerServices.", "   at Microsoft.CodeAnalysis.", "   at Microsoft.DotNet.Interactive.", "   at Bft.Notebooks.", "   at System.Threading."];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly BatchItem _item;
    private readonly BatchOptions _options;
    private readonly Notebook _notebook;
    private readonly OutputRecorder _recorder;
    private readonly List<CellTime> _times;
    private readonly Process _process;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<string> _said = [];
    private readonly Lock _gate = new();
    private CellProgress? _cell;
    private int? _line;
    private RunReport? _report;

    /// <summary>Starts the process.</summary>
    /// <param name="item">The notebook.</param>
    /// <param name="notebook">The same, read and with its parameters in place; receives what its cells show.</param>
    /// <param name="limit">Longest time for it; null for no limit.</param>
    /// <param name="options">The batch.</param>
    public WorkerProcess(BatchItem item, Notebook notebook, TimeSpan? limit, BatchOptions options)
    {
        (_item, _notebook, _options) = (item, notebook, options);
        _recorder = new OutputRecorder(new OutputPaths(Path.GetDirectoryName(Path.GetFullPath(item.Path))!));
        _times = [.. NotebookRunner.CellsToRun(notebook).Select(cell => new CellTime(cell.Number, cell.Position, null))];
        var start = new ProcessStartInfo(options.Worker[0], [.. options.Worker.Skip(1), .. Arguments(item, limit, options)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
    }

    /// <summary>Memory that the process takes now, in bytes.</summary>
    public long ResidentBytes => _process.HasExited ? 0 : MemoryGate.ResidentBytes(_process.Id);

    /// <summary>Waits for the end. A process that ends without saying how is a failure of the cell that ran, and what the cells have shown until then is written here.</summary>
    public async Task<RunReport> RunAsync(CancellationToken cancellationToken)
    {
        var output = ReadAsync(_process.StandardOutput, Take);
        var error = ReadAsync(_process.StandardError, Say);
        _ = output.ContinueWith(_ => StopAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default); // it would wait for a reader for ever
        await using var registration = cancellationToken.Register(() => _ = StopAsync()).ConfigureAwait(false);
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAll(output, error).ConfigureAwait(false);
        return _report is { } report ? report with { File = _item.Path } : Died(cancellationToken.IsCancellationRequested);
    }

    public void Dispose() => _process.Dispose();

    private static IEnumerable<string> Arguments(BatchItem item, TimeSpan? limit, BatchOptions options)
    {
        yield return item.Path;
        foreach (var (name, value) in new[] { ("--out", item.Output), ("--budget", Seconds(limit)), ("--cell-timeout", Seconds(options.CellTimeout)) })
            if (value is not null)
            {
                yield return name;
                yield return value;
            }

        foreach (var (name, value) in options.Parameters)
        {
            yield return "--parameter";
            yield return $"{name}={value}";
        }
    }

    private static string? Seconds(TimeSpan? time) => time?.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private static async Task ReadAsync(StreamReader reader, Action<string> take)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            take(line);
    }

    private void Take(string line)
    {
        if (WorkerEvent.FromLine(line) is not { } told)
        {
            Say(line);
            return;
        }

        lock (_gate)
        {
            _report = told.Report ?? _report;
            _line = told.Line ?? _line;
            if (told.Output is { } output)
                _recorder.Receive(output);
            if (told.Cell is { } cell)
                Step(cell);
        }

        if (told.Cell is { } progress)
            _options.Progress?.Report(new BatchProgress(_item.Path, progress));
    }

    private void Step(CellProgress cell)
    {
        var index = _times.FindIndex(time => time.Number == cell.Number);
        (_cell, _times[index]) = (cell, _times[index] with { Elapsed = cell.Elapsed });
        if (cell.Elapsed is not null)
        {
            _recorder.End();
        }
        else if (cell.Note is null)
        {
            _recorder.Begin(_notebook.Cells[cell.Position - 1]);
            _said.Clear();
            _line = null;
        }
    }

    /// <summary>Keeps the first and the last lines: a crash says why it happens first, a program that prints a lot says it last.</summary>
    private void Say(string line)
    {
        if (IsFrameOfEngine(line))
            return;
        lock (_gate)
        {
            if (_said.Count == TraceLines)
            {
                _said.RemoveAt(TraceLines / 2);
                _said[TraceLines / 2] = LeftOut;
            }

            _said.Add(line);
        }
    }

    private static bool IsFrameOfEngine(string line) =>
        s_engineFrames.Any(start => line.StartsWith(start, StringComparison.Ordinal));

    private async Task StopAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await Task.Delay(s_patience).ConfigureAwait(false);
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // it has ended meanwhile
        }
    }

    private RunReport Died(bool isCancelled)
    {
        var running = _cell is { Elapsed: null } cell ? cell : null;
        var (kind, name, message) = isCancelled
            ? (FailureKind.Cancelled, CellError.Interrupted, "The run was cancelled.")
            : (FailureKind.Died, "ProcessEnded", $"{(running is null ? "The process of the notebook" : "The process of this cell")} ended with {Describe(_process.ExitCode)}.");
        if (running is not null)
        {
            _recorder.Receive(new ErrorOutput(new CellError(name, message, [$"{name}: {message}", .. _said], _line)));
            _recorder.End();
        }

        if (_item.Output is { } output && Path.GetFullPath(output) != Path.GetFullPath(_item.Path))
            NotebookFile.Write(_notebook, output);
        return new RunReport(_item.Path, _times, _watch.Elapsed, new RunFailure(kind, running?.Number ?? 0, running?.Position ?? 0, running is null ? null : _line, name, message, _said));
    }

    private static string Describe(int code) => $"exit code {code}" + code switch
    {
        134 => " (abort: stack overflow, Environment.FailFast, or a failure in native code)",
        137 => " (killed: the system may be out of memory)",
        139 => " (segmentation fault in native code)",
        < 128 => " (Environment.Exit)",
        _ => $" (signal {code - 128})",
    };
}
