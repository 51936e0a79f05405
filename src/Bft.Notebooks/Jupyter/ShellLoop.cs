using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Bft.Notebooks.Jupyter;

/// <summary>Serves the requests of the shell channel in the order of their arrival.</summary>
/// <remarks>When a cell fails, the cells that were waiting behind it are aborted, unless its request said otherwise.</remarks>
internal sealed class ShellLoop(
    Conversation conversation, ExecuteRequests execute, CodeRequests code, InputHistory history, string language, OutputChannel outputs, RejectionLog log)
{
    private readonly Channel<(JupyterMessage Message, RouterChannel Channel, long Order)> _waiting =
        Channel.CreateUnbounded<(JupyterMessage, RouterChannel, long)>(new UnboundedChannelOptions { SingleReader = true });

    private TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;
    private long _abortedUpTo;

    /// <summary>Ends when the request under way has been answered.</summary>
    public Task Served => Volatile.Read(ref _served).Task;

    /// <summary>Queues a request; called by one thread.</summary>
    public void Add(JupyterMessage message, RouterChannel channel) =>
        _waiting.Writer.TryWrite((message, channel, Interlocked.Increment(ref _received)));

    /// <summary>Serves until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await foreach (var (message, channel, order) in _waiting.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            await conversation.ServeAsync(message, channel, request => AnswerAsync(request, order)).ConfigureAwait(false);
            Interlocked.Exchange(ref _served, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private async ValueTask<JsonObject?> AnswerAsync(JupyterMessage request, long order)
    {
        switch (request.Type)
        {
            case "execute_request":
                return await ExecuteAsync(request, order).ConfigureAwait(false);
            case "complete_request":
                return await code.CompleteAsync(request.Content).ConfigureAwait(false);
            case "inspect_request":
                return await code.InspectAsync(request.Content).ConfigureAwait(false);
            case "is_complete_request":
                return await code.JudgeAsync(request.Content).ConfigureAwait(false);
            case "history_request":
                return history.Find(request.Content);
            case "kernel_info_request":
                return KernelInfo.Create(language);
            case "comm_info_request":
                return new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() };
            case "comm_open" when RequestFields.Text(request.Content, "comm_id") is { } id: // no comm target exists here; the protocol answers so
                outputs.Publish("comm_close", request.RawHeader, new JsonObject { ["comm_id"] = id, ["data"] = new JsonObject() });
                return null;
            case "comm_open":
                log.Add("shell", "content.comm_id: expected text."); // it has no reply that could say so
                return null;
            case "comm_msg" or "comm_close":
                return null;
            default:
                log.Add("shell", $"'{request.Type}' is unknown.");
                return null;
        }
    }

    private async Task<JsonObject> ExecuteAsync(JupyterMessage request, long order)
    {
        if (order <= _abortedUpTo)
            return new JsonObject { ["status"] = "aborted" };
        var reply = await execute.AnswerAsync(request).ConfigureAwait(false);
        if (RequestFields.Text(reply, "status") == "error" && RequestFields.Flag(request.Content, "stop_on_error", absent: true))
            _abortedUpTo = Interlocked.Read(ref _received);
        return reply;
    }
}
