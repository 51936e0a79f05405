using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>How a conversation is rendered.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether the text ends with what opens the assistant's next turn.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Whether the text ends with the content of the last message, for a model to go on with it. Excludes <see cref="AddGenerationPrompt"/>.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Tools that the model may call, a JSON array of their descriptions; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Further variables of the template, for example <c>enable_thinking</c>; they win over special tokens of the same name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Which of several named templates; null for <c>tool_use</c> when there are tools and such a template, else <c>default</c>.</summary>
    public string? TemplateName { get; init; }

    /// <summary>Clock of <c>strftime_now</c>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>All problems of these options.</summary>
    public IEnumerable<string> Validate()
    {
        if (AddGenerationPrompt && ContinueFinalMessage)
            yield return "AddGenerationPrompt and ContinueFinalMessage exclude each other.";
        if (Tools is { ValueKind: not (JsonValueKind.Array or JsonValueKind.Null) } tools)
            yield return $"Tools: expected a JSON array, actual {tools.ValueKind}.";
    }
}
