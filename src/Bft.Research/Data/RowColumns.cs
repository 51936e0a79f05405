namespace Bft.Research.Data;

/// <summary>Names of the fields and roles of a row, called as in LLaMA-Factory's <c>dataset_info.json</c> (<c>columns</c> and <c>tags</c>).</summary>
public sealed record RowColumns
{
    /// <summary>Alpaca: the prompt.</summary>
    public string Prompt { get; init; } = "instruction";

    /// <summary>Alpaca: what follows the prompt on a new line, when neither is empty.</summary>
    public string Query { get; init; } = "input";

    /// <summary>Alpaca: the response.</summary>
    public string Response { get; init; } = "output";

    /// <summary>Alpaca: earlier turns, a list of [prompt, response].</summary>
    public string History { get; init; } = "history";

    /// <summary>The list of turns; null for <c>messages</c> or <c>conversations</c>, whichever the first row has.</summary>
    public string? Messages { get; init; }

    /// <summary>All forms: text of the system turn. Empty or null for none.</summary>
    public string System { get; init; } = "system";

    /// <summary>All forms: tools that the model may call, a list or its JSON as text; handed to the chat template.</summary>
    public string Tools { get; init; } = "tools";

    /// <summary>All forms: identity of a row; only to notice duplicates.</summary>
    public string Id { get; init; } = "id";

    /// <summary>Role of a turn; null for <c>role</c> or <c>from</c>, whichever the first turn has.</summary>
    public string? RoleTag { get; init; }

    /// <summary>Text of a turn; null for <c>content</c> or <c>value</c>, whichever the first turn has.</summary>
    public string? ContentTag { get; init; }

    /// <summary>Role of the user, beside <c>user</c> and <c>human</c>.</summary>
    public string UserTag { get; init; } = "human";

    /// <summary>Role of the model, beside <c>assistant</c>, <c>gpt</c>, <c>bot</c>, <c>chatgpt</c> and <c>model</c>.</summary>
    public string AssistantTag { get; init; } = "gpt";

    /// <summary>Role of what a tool answers, beside <c>tool</c> and <c>observation</c>.</summary>
    public string ObservationTag { get; init; } = "observation";

    /// <summary>Role of the model when it calls a tool: the text is the JSON of a call, or of a list of calls, with <c>name</c> and <c>arguments</c>.</summary>
    public string FunctionTag { get; init; } = "function_call";

    /// <summary>Role of the system turn, beside <c>system</c> and <c>developer</c>.</summary>
    public string SystemTag { get; init; } = "system";
}
