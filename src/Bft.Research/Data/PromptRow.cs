using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>A row of a file of prompts: an object with <c>prompt</c> (continued as it stands), <c>message</c> (a user turn that is answered) or <c>messages</c> (turns of <c>role</c> and <c>content</c> that are answered).</summary>
public sealed record PromptRow
{
    private static readonly string[] s_fields = ["prompt", "message", "messages"];

    private PromptRow(string name, JsonElement row) => (Name, Row) = (name, row);

    /// <summary>Where it came from: file and line.</summary>
    public string Name { get; }

    /// <summary>The whole object, with whatever else it holds.</summary>
    public JsonElement Row { get; }

    /// <summary>Text that is continued as it stands; null for turns.</summary>
    public string? Text { get; private init; }

    /// <summary>Turns that are answered; empty for a text.</summary>
    public IReadOnlyList<ChatMessage> Turns { get; private init; } = [];

    /// <summary>Reads a file of prompts.</summary>
    /// <param name="file">JSON Lines or a JSON array.</param>
    /// <exception cref="DataFileException">The file holds no rows, or a row has none or several of the three fields, or one that is not what it should be.</exception>
    public static IReadOnlyList<PromptRow> Read(string file) =>
        [.. JsonRows.Read(file).Select(row => row.Problem is { } problem ? throw problem : Parse(new(row.Name, "", row.Value)))];

    /// <summary>The ids that a model reads.</summary>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="chat">Its chat template; needed for turns.</param>
    /// <exception cref="ArgumentException">There are turns and no template.</exception>
    /// <exception cref="TemplateException">The template refuses the turns.</exception>
    public IReadOnlyList<long> Encode(HfTokenizer tokenizer, IChatRenderer? chat)
    {
        if (Text is not null)
            return [.. tokenizer.Encode(Text).Ids.Select(id => (long)id)];
        if (chat is null)
            throw new ArgumentException($"{Name}: expected a chat template for turns, actual none.", nameof(chat));
        return [.. tokenizer.Encode(chat.Render(Turns, addGenerationPrompt: true).Text, addSpecialTokens: false).Ids.Select(id => (long)id)];
    }

    private static PromptRow Parse(DataNode row)
    {
        string[] given = [.. s_fields.Where(row.Has)];
        if (row.Value.ValueKind != JsonValueKind.Object)
            throw row.Wrong("an object");
        if (given.Length != 1)
            throw new DataFileException(
                DataProblem.MissingField, row.Row, "row", $"one of {string.Join(", ", s_fields)}", given.Length == 0 ? $"none; fields: {row.Names()}" : string.Join(" and ", given));
        return new(row.Row, row.Value) { Text = given[0] == "prompt" ? Filled(row.Required("prompt")) : null, Turns = given[0] == "prompt" ? [] : Said(row, given[0]) };
    }

    private static List<ChatMessage> Said(DataNode row, string field)
    {
        if (field == "message")
            return [new("user", Filled(row.Required(field)))];
        List<ChatMessage> turns = [.. row.Required(field).Items().Select(turn => new ChatMessage(Filled(turn.Required("role")), turn.Required("content").Text()))];
        return turns.Count > 0 ? turns : throw new DataFileException(DataProblem.EmptyText, row.Row, field, "at least one turn", "none");
    }

    private static string Filled(DataNode node) =>
        node.Text() is { Length: > 0 } text ? text : throw new DataFileException(DataProblem.EmptyText, node.Row, node.Field, "text", "nothing");
}
