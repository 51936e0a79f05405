using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Files;

/// <summary>Text as notebooks keep it: a list of lines that keep their ends.</summary>
internal static class MultilineText
{
    // Where Python's str.splitlines cuts; Jupyter uses it for writing.
    private const string LineEnds = "\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029";

    /// <summary>Cuts behind each line end, <c>\r\n</c> counting as one; an empty text is an empty list.</summary>
    public static JsonArray ToLines(string text)
    {
        var lines = new JsonArray();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny(LineEnds);
            end = end < 0 ? text.Length : start + end + 1;
            if (text[end - 1] == '\r' && end < text.Length && text[end] == '\n')
                end++;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    /// <summary>True for a list that holds nothing but strings.</summary>
    public static bool IsLines(JsonNode? node) =>
        node is JsonArray lines && lines.All(line => line is JsonValue value && value.GetValueKind() == JsonValueKind.String);

    /// <summary>Joins a list of lines; a single string is taken as it is.</summary>
    public static string FromJson(JsonNode? node) =>
        node switch
        {
            JsonArray lines => string.Concat(lines.Select(line => line!.GetValue<string>())),
            JsonValue value => value.GetValue<string>(),
            _ => "",
        };

    /// <summary>The text at a path of object keys, or null.</summary>
    public static string? Text(this JsonObject json, params string[] path)
    {
        JsonNode? node = json;
        foreach (var key in path)
            node = (node as JsonObject)?[key];
        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}
