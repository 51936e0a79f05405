using System.Text.Json.Nodes;

namespace Bft.Notebooks.Sessions;

/// <summary>Runs cells one after another and keeps their variables: what a notebook runner and a Jupyter kernel talk to.</summary>
/// <remarks>
/// All cells of a session run on one long-lived thread, so thread-local state (such as TorchSharp's gradient mode) carries over from cell to cell;
/// an interrupt by force replaces the thread. Continuations of a top-level <c>await</c> return to it.
/// </remarks>
public interface INotebookSession : IDisposable
{
    /// <summary>Runs one cell and returns when it has ended. Its failure is a value, not an exception; it is also sent to <paramref name="sink"/>.</summary>
    /// <param name="cell">The source and where it comes from.</param>
    /// <param name="sink">Receives the outputs in order, on threads of the session.</param>
    /// <param name="cancellationToken">Cancelling interrupts the cell, as <see cref="Interrupt"/> does.</param>
    /// <exception cref="InvalidOperationException">Another cell is running, or an interrupted one has not stopped yet.</exception>
    Task<CellResult> SubmitAsync(CellRequest cell, ICellSink sink, CancellationToken cancellationToken);

    /// <summary>Stops the running cell and what it started; variables of earlier cells stay. Without a running cell nothing happens.</summary>
    /// <remarks>
    /// A call into a library or into native code ends when it returns, waits, or calls back into the cell. A second call a moment later stops the thread
    /// by force, which may end the process; native code goes on even then.
    /// </remarks>
    void Interrupt();

    /// <summary>What could stand at a place of a cell; <c>#!</c> lines have no completions. The first F# request starts F#.</summary>
    /// <param name="code">Source of the cell, as far as it is written.</param>
    /// <param name="position">Index into <paramref name="code"/> behind the last character that is written.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    Task<CodeCompletions> CompleteAsync(string code, int position, CancellationToken cancellationToken);

    /// <summary>Describes what stands at a place of a cell as a MIME bundle (always with <c>text/plain</c>); null when nothing is known.</summary>
    /// <param name="code">Source of the cell.</param>
    /// <param name="position">Index into <paramref name="code"/> of a character of the name.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    Task<IReadOnlyDictionary<string, JsonNode>?> InspectAsync(string code, int position, CancellationToken cancellationToken);

    /// <summary>Whether the source of a cell can be run as it stands; runs nothing.</summary>
    Completeness Judge(string code);
}
