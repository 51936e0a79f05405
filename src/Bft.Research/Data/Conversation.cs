using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>A conversation to learn from: an optional system turn, then user and assistant in turn, the assistant last.</summary>
/// <param name="Messages">The turns.</param>
/// <param name="Name">Where it came from: file and line.</param>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages, string Name)
{
    /// <summary>Checks the order of roles and that no prompt or response is empty.</summary>
    /// <param name="field">Name of the list of turns in the file, for errors.</param>
    /// <exception cref="DataFileException">A turn is out of order or empty.</exception>
    internal Conversation Checked(string field)
    {
        if (Messages.Count == 0)
            throw new DataFileException(DataProblem.MissingField, Name, field, "turns", "none");
        var expectsAssistant = false;
        for (var i = 0; i < Messages.Count; i++)
        {
            var (role, content) = Messages[i];
            if (role == "system" && i == 0)
                continue;
            var fits = expectsAssistant ? role == ChatMessage.Assistant : role is "user" || (role is "tool" && i > 0);
            if (!fits)
                throw new DataFileException(DataProblem.WrongRoleOrder, Name, $"{field}[{i}]", expectsAssistant ? "an assistant turn" : "a user turn", $"\"{role}\"");
            if (string.IsNullOrWhiteSpace(content))
                throw new DataFileException(DataProblem.EmptyText, Name, $"{field}[{i}]", $"text of the {role}", content.Length == 0 ? "nothing" : "white space");
            expectsAssistant = !expectsAssistant;
        }

        return expectsAssistant || Messages[^1].Role == "system"
            ? throw new DataFileException(DataProblem.WrongRoleOrder, Name, field, "an assistant turn at the end", $"\"{Messages[^1].Role}\"")
            : this;
    }
}
