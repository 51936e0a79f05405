using Bft.Notebooks.Cells;

namespace Bft.Notebooks.Running;

/// <summary>The side of a batch that runs in a process of its own, one notebook each.</summary>
public static class NotebookWorker
{
    /// <summary>Runs a notebook as <see cref="NotebookRunner.RunFileAsync"/> does and tells how far it is, in lines that <see cref="NotebookBatch"/> reads.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="output">Where to write it; null for nowhere.</param>
    /// <param name="options">As for the runner; its progress goes to <paramref name="events"/>.</param>
    /// <param name="events">Standard output of the process.</param>
    /// <param name="control">Standard input: its end cancels the run, so that no worker outlives the process that started it.</param>
    /// <param name="cancellationToken">Cancels as well.</param>
    /// <returns>The exit code of the report.</returns>
    public static async Task<int> RunAsync(string path, string? output, RunOptions options, TextWriter events, TextReader control, CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = Task.Run(() => WaitForEnd(control, cancellation), CancellationToken.None);
        var told = new WorkerEvents(events);
        StopSignal.Watch(told.Reach);
        var report = await NotebookRunner.RunFileAsync(path, output, options with { Progress = told, Shown = told.Show }, cancellation.Token).ConfigureAwait(false);
        told.End(report);
        return report.ExitCode;
    }

    private static void WaitForEnd(TextReader control, CancellationTokenSource cancellation)
    {
        try
        {
            while (control.ReadLine() is not null)
            {
            }

            cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the run has ended
        }
    }
}
