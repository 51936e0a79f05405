using System.Text.Json;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>The value of a <see cref="SendValue"/> command: the object itself, or what its JSON says.</summary>
internal static class SharedValue
{
    public static object? Of(SendValue command)
    {
        if (command.Value is not null)
            return command.Value;
        if (command.FormattedValue.MimeType != JsonFormatter.MimeType)
            return command.FormattedValue.Value;
        var json = JsonDocument.Parse(command.FormattedValue.Value);
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
