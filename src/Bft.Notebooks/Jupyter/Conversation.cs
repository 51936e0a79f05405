using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>What surrounds every request: busy, the answer, idle, all with the request's header as parent.</summary>
internal sealed class Conversation(MessageCodec codec, OutputChannel outputs, RejectionLog log)
{
    /// <summary>Serves one request; never throws. The answer's name is the request's with <c>_reply</c>; null means no answer.</summary>
    public async Task ServeAsync(JupyterMessage request, RouterChannel channel, Func<JupyterMessage, ValueTask<JsonObject?>> answer)
    {
        Say("busy", request.RawHeader);
        JsonObject? content;
        try
        {
            content = await answer(request).ConfigureAwait(false);
        }
        catch (RejectedMessageException e)
        {
            log.Add(request.Type, e.Message);
            content = Failure("InvalidRequest", e.Message);
        }
        catch (Exception e) // whatever a handler meets, the kernel goes on and the front end learns of it
        {
            log.Write($"{request.Type}: {e}");
            content = Failure(e.GetType().FullName!, e.Message);
        }

        if (content is not null)
            channel.Send(codec.Encode(request.Identities, ReplyType(request.Type), request.RawHeader, content));
        Say("idle", request.RawHeader);
    }

    /// <summary>Tells every front end the state of the kernel.</summary>
    public void Say(string state, byte[]? parent) => outputs.Publish("status", parent, new JsonObject { ["execution_state"] = state });

    private static string ReplyType(string type) =>
        type.EndsWith("_request", StringComparison.Ordinal) ? type[..^"_request".Length] + "_reply" : type + "_reply";

    private static JsonObject Failure(string name, string message) => new()
    {
        ["status"] = "error",
        ["ename"] = name,
        ["evalue"] = message,
        ["traceback"] = new JsonArray(message),
    };
}
