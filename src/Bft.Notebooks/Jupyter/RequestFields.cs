using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>Fields of JSON that a stranger wrote: absent and of another type are the same.</summary>
internal static class RequestFields
{
    public static string? Text(JsonObject from, string name)
    {
        try
        {
            return from[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair is JSON, but no text
        }
    }

    public static int? Number(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    public static bool Flag(JsonObject from, string name, bool absent) =>
        from[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : absent;

    /// <exception cref="RejectedMessageException">The field is not text.</exception>
    public static string RequireText(JsonObject from, string name) =>
        Text(from, name) ?? throw new RejectedMessageException($"content.{name}: expected text, got {from[name]?.GetValueKind().ToString() ?? "nothing"}.");
}
