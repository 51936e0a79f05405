using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>The stdin channel: asks the front end whose cell runs for a line of text.</summary>
internal sealed class InputRequests(MessageCodec codec)
{
    private TaskCompletionSource<string>? _waiting;

    /// <summary>Set once, before the first question.</summary>
    public RouterChannel? Channel { get; set; }

    /// <summary>Asks and waits.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public string Ask(JupyterMessage request, string prompt, bool secret, CancellationToken interrupt)
    {
        // One source for each question: a thread that is stopped while it waits leaves nothing broken behind.
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _waiting, answer);
        Channel!.Send(codec.Encode(
            request.Identities, "input_request", request.RawHeader, new JsonObject { ["prompt"] = prompt, ["password"] = secret }));
        try
        {
            answer.Task.Wait(interrupt);
            return answer.Task.Result;
        }
        finally
        {
            Interlocked.CompareExchange(ref _waiting, null, answer); // a late answer to a question that was given up is for nobody
        }
    }

    /// <summary>Takes an <c>input_reply</c>; false when nobody waits for one.</summary>
    /// <exception cref="RejectedMessageException">It has no value.</exception>
    public bool Answer(JupyterMessage reply) =>
        reply.Type == "input_reply"
        && RequestFields.RequireText(reply.Content, "value") is var value
        && Interlocked.Exchange(ref _waiting, null) is { } waiting
        && waiting.TrySetResult(value);
}
