using System.Diagnostics;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Running;

/// <summary>One notebook of a batch.</summary>
/// <param name="Path">The notebook.</param>
/// <param name="Output">Where to write it, as in <see cref="NotebookRunner.RunFileAsync"/>, its folder made when absent; null for nowhere.</param>
public sealed record BatchItem(string Path, string? Output);

/// <summary>A cell of a notebook of a batch begins or has succeeded.</summary>
/// <param name="File">The notebook, as the caller named it.</param>
/// <param name="Cell">The cell.</param>
public sealed record BatchProgress(string File, CellProgress Cell);

/// <summary>How several notebooks are run.</summary>
public sealed record BatchOptions
{
    /// <summary>Program and first arguments of a process that passes the rest to <see cref="NotebookWorker"/>: a path, <c>--out</c>, <c>--budget</c> and <c>--cell-timeout</c> in seconds, <c>--parameter name=value</c>.</summary>
    public required IReadOnlyList<string> Worker { get; init; }

    /// <summary>Notebooks that run at the same time, at most.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Free memory that a further notebook needs before it starts beside others, in bytes.</summary>
    public long MemoryPerNotebook { get; init; } = 2L << 30;

    /// <summary>Longest time for all notebooks together; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Longest time for one cell; null for no limit.</summary>
    public TimeSpan? CellTimeout { get; init; }

    /// <summary>As in <see cref="RunOptions.Parameters"/>, for every notebook.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment variables of the workers, beside those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>As <see cref="RunOptions.Progress"/>, of every notebook.</summary>
    public IProgress<BatchProgress>? Progress { get; init; }

    /// <summary>Every problem of these options, empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems =
        [
            .. new (string Name, TimeSpan? Value)[] { (nameof(CellTimeout), CellTimeout), (nameof(Budget), Budget) }
                .Where(limit => limit.Value <= TimeSpan.Zero).Select(limit => $"{limit.Name}: expected a positive time, got {limit.Value}."),
        ];
        if (Worker.Count == 0)
            problems.Add($"{nameof(Worker)}: expected a program, got nothing.");
        if (Jobs < 1)
            problems.Add($"{nameof(Jobs)}: expected at least 1, got {Jobs}.");
        if (MemoryPerNotebook < 0)
            problems.Add($"{nameof(MemoryPerNotebook)}: expected at least 0 bytes, got {MemoryPerNotebook}.");
        return problems;
    }
}

/// <summary>Runs several notebooks, each in a process of its own, so that one that ends its process leaves the others alone.</summary>
public static class NotebookBatch
{
    private static readonly TimeSpan s_memoryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Runs all notebooks and reports on each, in the order given. Nothing is started unless every notebook can be read and takes the parameters.</summary>
    /// <exception cref="NotebookFormatException">A file is not a notebook.</exception>
    /// <exception cref="NotebookParameterException">A parameter is unknown to a notebook or its value does not fit.</exception>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public static async Task<IReadOnlyList<RunReport>> RunAsync(IReadOnlyList<BatchItem> items, BatchOptions options, CancellationToken cancellationToken)
    {
        if (options.Validate() is [_, ..] problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        var notebooks = items.Select(item => Prepare(item, options)).ToList();
        foreach (var output in items.Select(item => item.Output).OfType<string>())
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        var reports = new RunReport[items.Count];
        var running = new Dictionary<Task<RunReport>, (int Index, WorkerProcess Worker)>();
        var (gate, watch) = (new MemoryGate(options.MemoryPerNotebook), Stopwatch.StartNew());
        var next = 0;
        while (next < items.Count || running.Count > 0)
        {
            for (; next < items.Count && running.Count < options.Jobs && gate.Allows([.. running.Values.Select(one => one.Worker.ResidentBytes)]); next++)
            {
                var left = options.Budget - watch.Elapsed;
                if (left <= TimeSpan.Zero || cancellationToken.IsCancellationRequested)
                {
                    reports[next] = NotStarted(items[next], notebooks[next], cancellationToken.IsCancellationRequested);
                    continue;
                }

                var worker = new WorkerProcess(items[next], notebooks[next], left, options);
                running.Add(worker.RunAsync(cancellationToken), (next, worker));
            }

            // one that waits for memory looks again
            var isWaiting = next < items.Count && running.Count < options.Jobs;
            if (running.Count > 0 && await Task.WhenAny([.. running.Keys, Task.Delay(isWaiting ? s_memoryInterval : Timeout.InfiniteTimeSpan, CancellationToken.None)]).ConfigureAwait(false) is Task<RunReport> ended)
            {
                running.Remove(ended, out var one);
                reports[one.Index] = await ended.ConfigureAwait(false);
                one.Worker.Dispose();
            }
        }

        return reports;
    }

    private static Notebook Prepare(BatchItem item, BatchOptions options)
    {
        var notebook = NotebookFile.Read(item.Path);
        OutputStripper.Strip(notebook);
        NotebookParameters.Apply(notebook, item.Path, options.Parameters);
        return notebook;
    }

    private static RunReport NotStarted(BatchItem item, Notebook notebook, bool isCancelled) => new(
        item.Path,
        [.. NotebookRunner.CellsToRun(notebook).Select(cell => new CellTime(cell.Number, cell.Position, null))],
        TimeSpan.Zero,
        isCancelled
            ? new RunFailure(FailureKind.Cancelled, 0, 0, null, "Interrupted", "not started: the run was cancelled.", [])
            : new RunFailure(FailureKind.Timeout, 0, 0, null, "TimeoutError", "not started: the time for all notebooks was used up.", []));
}
