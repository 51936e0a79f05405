using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>How a row spells a conversation.</summary>
public enum ConversationForm
{
    /// <summary>The form that the first row has.</summary>
    Detect,

    /// <summary><c>{"instruction", "input", "output"}</c>, optionally <c>system</c> and <c>history</c> as pairs of prompt and response.</summary>
    Alpaca,

    /// <summary><c>{"conversations": [{"from": "human" | "gpt", "value"}]}</c>, optionally <c>system</c>.</summary>
    ShareGpt,

    /// <summary><c>{"messages": [{"role", "content"}]}</c>.</summary>
    Messages,
}

/// <summary>Reads conversations from a JSON Lines file or a JSON array, one at a time.</summary>
public static class ConversationReader
{
    /// <summary>Reads conversations in the order of the file.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="options">Form, columns and policies; null for the defaults.</param>
    /// <param name="report">Receives counts while rows are read, when given.</param>
    /// <exception cref="DataFileException">A row cannot be used and is not to be skipped, or no row can be used.</exception>
    public static IEnumerable<Conversation> Read(string file, RowOptions? options = null, DataReport? report = null)
    {
        options ??= new();
        report ??= new();
        var form = options.Form;
        var found = false;
        foreach (var row in JsonRows.Read(file))
        {
            Conversation conversation;
            try
            {
                if (row.Problem is not null)
                    throw row.Problem;
                var node = new DataNode(row.Name, "", row.Value);
                if (form == ConversationForm.Detect)
                    form = Detect(node, options);
                conversation = Parse(node, form, options);
            }
            catch (DataFileException bad)
            {
                report.Judge(bad, options.Policies);
                continue;
            }

            report.Read++;
            found = true;
            yield return conversation;
        }

        if (!found)
            throw new DataFileException(DataProblem.EmptyFile, $"{file}:1", "file", "at least one usable row", report.ToString());
    }

    private static ConversationForm Detect(DataNode row, RowOptions options) =>
        row.Has("messages") ? ConversationForm.Messages
        : row.Has("conversations") ? ConversationForm.ShareGpt
        : row.Has(options.Columns.Prompt) || row.Has(options.Columns.Response) ? ConversationForm.Alpaca
        : throw new DataFileException(DataProblem.MissingField, row.Row, "row", $"messages, conversations or {options.Columns.Prompt} and {options.Columns.Response}", row.Names());

    private static Conversation Parse(DataNode row, ConversationForm form, RowOptions options) => form switch
    {
        ConversationForm.Alpaca => Alpaca(row, options),
        ConversationForm.ShareGpt => new Conversation(Turns(row, "conversations", "from", "value"), row.Row).Checked("conversations"),
        _ => new Conversation(Turns(row, "messages", "role", "content"), row.Row).Checked("messages"),
    };

    private static Conversation Alpaca(DataNode row, RowOptions options)
    {
        var messages = new List<ChatMessage>();
        if (row.OptionalText(options.Columns.System) is { Length: > 0 } system)
            messages.Add(new("system", system));
        if (row.Has(options.Columns.History))
            foreach (var pair in row.Required(options.Columns.History).Items())
            {
                DataNode[] sides = [.. pair.Items()];
                if (sides.Length != 2)
                    throw new DataFileException(DataProblem.WrongType, row.Row, pair.Field, "[prompt, response]", $"{sides.Length} items");
                messages.Add(new("user", sides[0].Text()));
                messages.Add(new(ChatMessage.Assistant, sides[1].Text()));
            }

        var prompt = row.Required(options.Columns.Prompt).Text();
        var input = row.OptionalText(options.Columns.Query);
        messages.Add(new("user", string.IsNullOrEmpty(input) ? prompt : prompt.Length == 0 ? input : $"{prompt}\n{input}"));
        var response = row.Required(options.Columns.Response).Text();
        if (string.IsNullOrWhiteSpace(response))
            throw new DataFileException(DataProblem.EmptyText, row.Row, options.Columns.Response, "a response", response.Length == 0 ? "nothing" : "white space");
        messages.Add(new(ChatMessage.Assistant, response));
        return new Conversation(messages, row.Row).Checked("turns");
    }

    private static List<ChatMessage> Turns(DataNode row, string list, string role, string content)
    {
        var messages = new List<ChatMessage>();
        if (row.OptionalText("system") is { Length: > 0 } system)
            messages.Add(new("system", system));
        foreach (var turn in row.Required(list).Items())
            messages.Add(new(Role(turn.Required(role)), Content(turn.Required(content))));
        return messages;
    }

    private static string Role(DataNode node) => node.Text() switch
    {
        "human" or "user" => "user",
        "gpt" or "assistant" or "bot" or "chatgpt" or "model" => ChatMessage.Assistant,
        "system" => "system",
        "tool" or "observation" => "tool",
        var other => throw new DataFileException(DataProblem.WrongRoleOrder, node.Row, node.Field, "system, user (human), assistant (gpt) or tool", $"\"{other}\""),
    };

    /// <summary>Content is text, or a list of parts of which only text is allowed.</summary>
    private static string Content(DataNode node) =>
        node.Value.ValueKind != JsonValueKind.Array ? node.Text() : string.Concat(node.Items().Select(part => part.Required("text").Text()));
}
