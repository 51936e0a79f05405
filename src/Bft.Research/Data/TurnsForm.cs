using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Rows that hold a list of turns, each with role and text.</summary>
internal sealed class TurnsForm(RowOptions options, string list, string role, string content) : RowForm(options)
{
    private const string Train = "train", Weight = "weight", Calls = "tool_calls", Reasoning = "reasoning_content";

    protected override string Name => $"{list} of {role} and {content}";

    protected override string TurnsField => list;

    /// <summary>The form of a list, by the fields of its first turn.</summary>
    public static TurnsForm Of(DataNode row, string list, RowOptions options)
    {
        var (columns, form) = (options.Columns, options.Form);
        var first = row.Required(list).Items().FirstOrDefault();
        bool openAi = first.Has("role") || first.Has("content"), shareGpt = first.Has("from") || first.Has("value");
        if (form == ConversationForm.Detect && columns.RoleTag is null && openAi && shareGpt)
            throw new DataFileException(DataProblem.WrongForm, row.Row, $"{list}[0]", "one way to name role and text", $"fields: {first.Names()} (say which as the form)");
        var asShareGpt = form == ConversationForm.Detect ? shareGpt : form == ConversationForm.ShareGpt;
        return new(options, list, columns.RoleTag ?? (asShareGpt ? "from" : "role"), columns.ContentTag ?? (asShareGpt ? "value" : "content"));
    }

    protected override bool Fits(DataNode row) => row.Has(list) && row.Required(list) is { IsFilledList: true } turns && turns.Items().First() is var first && first.Has(role);

    protected override void AddTurns(DataNode row, List<ConversationTurn> turns)
    {
        foreach (var turn in row.Required(list).Items())
        {
            var who = Role(turn.Required(role));
            var assistant = who.Role == ChatMessage.Assistant;
            JsonElement? calls = !assistant ? null : who.Function ? ToolCalls.OfText(turn.Required(content)) : turn.Optional(Calls) is { IsFilledList: true } list ? ToolCalls.OfList(list) : null;
            var text = who.Function || (calls is not null && !turn.Has(content)) ? "" : Content(turn.Required(content));
            if (assistant && turn.OptionalText(Reasoning) is { Length: > 0 } reasoning)
                text = $"{Options.ReasoningOpen}\n{reasoning.Trim('\n')}\n{Options.ReasoningClose}\n\n{text.TrimStart('\n')}";
            turns.Add(new(new(who.Role, text) { ToolCalls = calls }, $"{turn.Field}.{content}", Taught(turn, assistant)));
        }
    }

    /// <summary>Whether a turn says that it is taught (<c>train</c>, or <c>weight</c> 0 or 1 as OpenAI's files have it).</summary>
    private static bool? Taught(DataNode turn, bool assistant)
    {
        bool? taught = turn.Optional(Train) is not { } train ? null : train.Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw train.Wrong("true or false"),
        };
        if (turn.Optional(Weight) is { } weight)
        {
            var value = weight.Value.ValueKind == JsonValueKind.Number ? weight.Value.GetDouble() : throw weight.Wrong("0 or 1");
            if (value is not (0 or 1) || (taught is { } other && other != (value == 1)))
                throw weight.Wrong(taught is null ? "0 or 1" : $"the same as {Train} says");
            taught = value == 1;
        }

        return taught is true && !assistant
            ? throw new DataFileException(DataProblem.WrongRoleOrder, turn.Row, turn.Field, "turns of the assistant to be taught, no others", "a turn of another role that is")
            : taught;
    }

    private (string Role, bool Function) Role(DataNode node)
    {
        var (name, columns) = (node.Text(), Options.Columns);
        if (name == columns.FunctionTag)
            return (ChatMessage.Assistant, true);
        return (name == columns.UserTag ? "user" : name == columns.AssistantTag ? ChatMessage.Assistant : name == columns.ObservationTag ? "tool" : name == columns.SystemTag ? "system" : name switch
        {
            "human" or "user" => "user",
            "gpt" or ChatMessage.Assistant or "bot" or "chatgpt" or "model" => ChatMessage.Assistant,
            "system" or "developer" => "system",
            "tool" or "observation" => "tool",
            _ => throw new DataFileException(DataProblem.UnknownRole, node.Row, node.Field, "system, user (human), assistant (gpt), function_call or tool (observation)", $"\"{name}\""),
        }, false);
    }

    /// <summary>Content is text, or a list of parts of which only text is allowed.</summary>
    private static string Content(DataNode node)
    {
        if (node.Value.ValueKind != JsonValueKind.Array)
            return node.Text();
        var text = new System.Text.StringBuilder();
        foreach (var part in node.Items())
        {
            if (part.OptionalText("type") is { } type and not "text")
                throw new DataFileException(DataProblem.NotText, part.Row, $"{part.Field}.type", "\"text\"", $"\"{type}\"");
            text.Append(part.Required("text").Text());
        }

        return text.ToString();
    }
}
