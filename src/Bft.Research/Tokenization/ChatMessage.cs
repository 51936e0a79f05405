using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Calls of tools that the turn makes, a JSON array as chat templates expect it (<c>tool_calls</c>); null for none.</summary>
    public JsonElement? ToolCalls { get; init; }

    /// <summary>Whose turns a model learns.</summary>
    public const string Assistant = "assistant";
}

/// <summary>A conversation as the text that a model sees.</summary>
/// <param name="Text">The text.</param>
/// <param name="GenerationSpans">Code points of <paramref name="Text"/> that a model is to generate, one span for each assistant turn; empty when the template does not mark them.</param>
public sealed record RenderedChat(string Text, IReadOnlyList<TokenOffset> GenerationSpans);

/// <summary>Turns messages into text; chat templates do.</summary>
public interface IChatRenderer
{
    /// <summary>Renders messages.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Whether the text ends with what opens the assistant's next turn.</param>
    RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt);

    /// <summary>Renders messages of a model that is told of tools.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Whether the text ends with what opens the assistant's next turn.</param>
    /// <param name="tools">The tools, a JSON array; null for none.</param>
    /// <exception cref="NotSupportedException">There are tools, and this renderer knows of none.</exception>
    RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, JsonElement? tools) =>
        tools is null ? Render(messages, addGenerationPrompt) : throw new NotSupportedException("This renderer knows of no tools.");
}
