using System.Text.Json;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>The value of a <see cref="SendValue"/> command: the object itself, or what its JSON says.</summary>
internal static class SharedValue
{
    public static object? Of(SendValue command) => command.Value ?? Of(command.FormattedValue.MimeType, command.FormattedValue.Value);

    /// <summary>A value from a text: JSON becomes text, a number, a truth value, null or a document; everything else stays text.</summary>
    public static object? Of(string mimeType, string text)
    {
        if (mimeType != JsonFormatter.MimeType)
            return text;
        var json = JsonDocument.Parse(text);
        return json.RootElement.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => json.RootElement.GetString(),
            JsonValueKind.Number => json.RootElement.GetDouble(),
            _ => json,
        };
    }
}
