using System.Text.Json.Nodes;
using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>Help while a cell is written: completion, inspection, whether it is finished.</summary>
internal sealed class CodeRequests(Task<INotebookSession> session)
{
    public async Task<JsonObject> CompleteAsync(JsonObject content)
    {
        var (code, index) = Cursor(content);
        var found = await (await session.ConfigureAwait(false)).CompleteAsync(code, index, CancellationToken.None).ConfigureAwait(false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(item => (JsonNode)item)]),
            ["cursor_start"] = CursorPosition.FromIndex(code, found.Start),
            ["cursor_end"] = CursorPosition.FromIndex(code, found.End),
            ["metadata"] = new JsonObject(),
        };
    }

    public async Task<JsonObject> InspectAsync(JsonObject content)
    {
        var (code, index) = Cursor(content);
        var found = await (await session.ConfigureAwait(false)).InspectAsync(code, index, CancellationToken.None).ConfigureAwait(false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["found"] = found is not null,
            ["data"] = new JsonObject((found ?? new Dictionary<string, JsonNode>()).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))),
            ["metadata"] = new JsonObject(),
        };
    }

    public async Task<JsonObject> JudgeAsync(JsonObject content)
    {
        var judgement = (await session.ConfigureAwait(false)).Judge(Code(content));
        var reply = new JsonObject { ["status"] = judgement.ToString().ToLowerInvariant() };
        if (judgement == Completeness.Incomplete)
            reply["indent"] = "    ";
        return reply;
    }

    private static string Code(JsonObject content)
    {
        var code = RequestFields.RequireText(content, "code");
        return BracketDepth.Problem(code) is { } problem ? throw new RejectedMessageException($"content.code: line {problem.Line}: {problem.Message}") : code;
    }

    private static (string Code, int Index) Cursor(JsonObject content)
    {
        var code = Code(content);
        return (code, CursorPosition.ToIndex(code, RequestFields.Number(content, "cursor_pos") ?? code.Length));
    }
}
