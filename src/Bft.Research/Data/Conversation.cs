using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>A conversation to learn from: an optional system turn, then user and assistant in turn, the assistant last; answers of tools may stand where the user's turns do.</summary>
/// <param name="Messages">The turns.</param>
/// <param name="Name">Where it came from: file and line.</param>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages, string Name)
{
    /// <summary>[messages] whether the row says that a turn is taught, null for a turn about which it says nothing; null when it says nothing at all.</summary>
    public IReadOnlyList<bool?>? Taught { get; init; }

    /// <summary>Tools that the chat template is told of, a JSON array; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Identity of the row, when it has one.</summary>
    public string? Id { get; init; }

    /// <summary>[messages] names of the fields that the turns stand in; null for numbers of turns.</summary>
    internal IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Name of the field that a turn stands in.</summary>
    internal string Field(int message) => Fields?[message] ?? $"messages[{message}]";

    /// <summary>Name of the field of a whole turn.</summary>
    private string Turn(int message) => Field(message) is var field && field.LastIndexOf("].", StringComparison.Ordinal) is >= 0 and var at ? field[..(at + 1)] : field;

    /// <summary>Checks the order of roles and that no prompt or response is empty.</summary>
    /// <param name="list">Name of the list of turns in the file, for errors.</param>
    /// <exception cref="DataFileException">A turn is out of order or empty.</exception>
    internal Conversation Checked(string list)
    {
        if (Messages.Count == 0)
            throw new DataFileException(DataProblem.MissingField, Name, list, "turns", "an empty list");
        var previous = "";
        for (var i = 0; i < Messages.Count; i++)
        {
            var (role, content) = Messages[i];
            var expected = Expected(previous);
            if (!(role == "system" ? i == 0 : expected.Contains(role)))
                throw new DataFileException(DataProblem.WrongRoleOrder, Name, Turn(i), $"a turn of the {string.Join(" or the ", expected)}", role == previous ? $"a second one of the {role}" : $"one of the {role}");
            if (string.IsNullOrWhiteSpace(content) && Messages[i].ToolCalls is null && role != "tool")
                throw new DataFileException(DataProblem.EmptyText, Name, Field(i), $"text of the {role}", content.Length == 0 ? "nothing" : "white space");
            previous = role;
        }

        return previous == ChatMessage.Assistant
            ? this
            : throw new DataFileException(DataProblem.WrongRoleOrder, Name, Turn(Messages.Count - 1), "a turn of the assistant at the end", $"one of the {previous}");
    }

    /// <summary>Who may speak after whom.</summary>
    private static string[] Expected(string previous) => previous switch
    {
        "" or "system" => ["user"],
        "user" => [ChatMessage.Assistant],
        "tool" => [ChatMessage.Assistant, "tool"],
        _ => ["user", "tool"],
    };
}
