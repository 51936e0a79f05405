using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>Runs cells for <c>execute_request</c>, one at a time.</summary>
internal sealed class ExecuteRequests(Task<INotebookSession> session, OutputChannel outputs, InputRequests input, InputHistory history)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<CellError> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _running;
    private DateTimeOffset? _runningSince;
    private int _count;

    /// <summary>Runs the cell; the reply's status says how it ended.</summary>
    /// <exception cref="RejectedMessageException">There is no code.</exception>
    public async Task<JsonObject> AnswerAsync(JupyterMessage request)
    {
        var code = RequestFields.RequireText(request.Content, "code");
        var silent = RequestFields.Flag(request.Content, "silent", absent: false);
        var number = _count + 1;
        if (!silent && RequestFields.Flag(request.Content, "store_history", absent: true) && !string.IsNullOrWhiteSpace(code))
            history.Add(++_count, code);
        if (!silent)
            outputs.Publish("execute_input", request.RawHeader, new JsonObject { ["code"] = code, ["execution_count"] = number });

        var error = await RunAsync(request, new CellRequest(code, number), silent).ConfigureAwait(false);
        var reply = error is null ? [] : KernelSink.Failure(error);
        reply["status"] = error is null ? "ok" : "error";
        reply["execution_count"] = number;
        reply["payload"] = new JsonArray();
        reply["user_expressions"] = Unsupported(request.Content["user_expressions"] as JsonObject ?? []);
        return reply;
    }

    /// <summary>Interrupts the cell that runs now, and no later one; a second call a moment later does so by force. Returns at once.</summary>
    /// <param name="asked">When the front end asked. A cell that it sent after that is not meant: the channels overtake each other.</param>
    public void Interrupt(DateTimeOffset? asked = null)
    {
        lock (_gate)
        {
            if (_running is { } running && !(asked < _runningSince))
                new Thread(() => Cancel(running)) { IsBackground = true, Name = "jupyter interrupt" }.Start(); // the pool may be full of the cell's work
        }
    }

    /// <summary>The process ends because the running cell wants it (<c>Environment.Exit</c>): answers for the cell. False when no cell runs.</summary>
    public bool AnswerForExit(int exitCode)
    {
        lock (_gate)
            if (_running is null)
                return false;
        var message = $"The cell ended the process with exit code {exitCode}; all values are lost.";
        return _exit.TrySetResult(new CellError("ProcessExit", message, [message], null));
    }

    private async Task<CellError?> RunAsync(JupyterMessage request, CellRequest cell, bool silent)
    {
        var ready = await session.ConfigureAwait(false);
        using var interrupt = new CancellationTokenSource();
        var ask = RequestFields.Flag(request.Content, "allow_stdin", absent: false)
            ? (prompt, secret) => input.Ask(request, prompt, secret, interrupt.Token)
            : (Func<string, bool, string>?)null;
        ICellSink sink = silent ? new SilentSink() : new KernelSink(outputs, request.RawHeader, cell.Number, ask);
        lock (_gate)
            (_running, _runningSince) = (interrupt, request.Date);
        try
        {
            var running = ready.SubmitAsync(cell, sink, interrupt.Token);
            if (await Task.WhenAny(running, _exit.Task).ConfigureAwait(false) == running)
                return (await running.ConfigureAwait(false)).Error;
            var error = await _exit.Task.ConfigureAwait(false);
            sink.Receive(new ErrorOutput(error));
            return error;
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    private void Cancel(CancellationTokenSource running)
    {
        try
        {
            if (running.IsCancellationRequested)
                session.Result.Interrupt(); // a cell runs, so the session is there
            else
                running.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the cell has just ended by itself
        }
    }

    private static JsonObject Unsupported(JsonObject expressions) => new(expressions.Select(entry => KeyValuePair.Create(
        entry.Key,
        (JsonNode?)new JsonObject
        {
            ["status"] = "error",
            ["ename"] = "NotSupported",
            ["evalue"] = "This kernel does not evaluate user_expressions.",
            ["traceback"] = new JsonArray(),
        })));

    private sealed class SilentSink : ICellSink
    {
        public void Receive(CellOutput output)
        {
        }

        public string? Read(string prompt, bool secret) => null;
    }
}
