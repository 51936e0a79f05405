using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Files;

/// <summary>Writes JSON as Python's <c>json.dumps(indent=1, sort_keys=True, ensure_ascii=False)</c> does, after Jupyter's splitting of texts into lines.</summary>
/// <remarks>
/// <see cref="Utf8JsonWriter"/> cannot: every encoder of it escapes characters beyond the basic plane. Keys are sorted by code point. Whole numbers keep
/// their text; other numbers are written in the shortest form that reads back, in Python's notation (<c>1e-05</c>, <c>1e+16</c>).
/// </remarks>
internal static class NotebookJson
{
    private static readonly string[] s_transient = ["orig_nbformat", "orig_nbformat_minor", "signature"];

    public static string Write(JsonObject notebook)
    {
        var copy = (JsonObject)notebook.DeepClone();
        foreach (var key in s_transient)
            copy["metadata"]!.AsObject().Remove(key);
        foreach (var cell in copy["cells"]!.AsArray().OfType<JsonObject>())
            SplitTexts(cell);
        var text = new StringBuilder();
        WriteValue(text, copy, 0);
        return text.Append('\n').ToString();
    }

    private static void SplitTexts(JsonObject cell)
    {
        (cell["metadata"] as JsonObject)?.Remove("trusted");
        Split(cell, "source", isText: true);
        foreach (var attachment in (cell["attachments"] as JsonObject ?? []).Select(entry => entry.Value).OfType<JsonObject>())
            SplitBundle(attachment);
        foreach (var output in (cell["outputs"] as JsonArray ?? []).OfType<JsonObject>())
            if (output.Text("output_type") is "execute_result" or "display_data" && output["data"] is JsonObject data)
                SplitBundle(data);
            else if (output.Text("output_type") == "stream")
                Split(output, "text", isText: true);
    }

    private static void SplitBundle(JsonObject data)
    {
        foreach (var mime in data.Select(entry => entry.Key).ToList())
            if (!Engine.DisplayBundle.IsJson(mime))
                Split(data, mime, mime.StartsWith("text/", StringComparison.Ordinal) || mime is "application/javascript" or "image/svg+xml");
    }

    private static void Split(JsonObject owner, string key, bool isText)
    {
        if (owner[key] is JsonArray && MultilineText.IsLines(owner[key]))
            owner[key] = MultilineText.FromJson(owner[key]);
        if (isText && owner[key] is JsonValue value && value.TryGetValue<string>(out var text))
            owner[key] = MultilineText.ToLines(text);
    }

    private static void WriteValue(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject { Count: 0 }:
                text.Append("{}");
                break;
            case JsonArray { Count: 0 }:
                text.Append("[]");
                break;
            case JsonObject members:
                WriteItems(text, '{', '}', members.OrderBy(member => member.Key, CodePointOrder.Instance), depth, member =>
                {
                    WriteString(text, member.Key);
                    text.Append(": ");
                    WriteValue(text, member.Value, depth + 1);
                });
                break;
            case JsonArray items:
                WriteItems(text, '[', ']', items, depth, item => WriteValue(text, item, depth + 1));
                break;
            default:
                WriteScalar(text, node.AsValue());
                break;
        }
    }

    private static void WriteItems<T>(StringBuilder text, char open, char close, IEnumerable<T> items, int depth, Action<T> write)
    {
        text.Append(open);
        var separator = "\n";
        foreach (var item in items)
        {
            text.Append(separator).Append(' ', depth + 1);
            write(item);
            separator = ",\n";
        }

        text.Append('\n').Append(' ', depth).Append(close);
    }

    private static void WriteScalar(StringBuilder text, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                WriteString(text, value.GetValue<string>());
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            default:
                text.Append(PythonNumber.Format(value.ToJsonString()));
                break;
        }
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        text.Append('"');
    }

    /// <summary>Order of Unicode code points, which differs from that of UTF-16 units beyond the basic plane.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static CodePointOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var (left, right) = (x!.EnumerateRunes(), y!.EnumerateRunes());
            while (true)
            {
                var (more, others) = (left.MoveNext(), right.MoveNext());
                if (!more || !others)
                    return more.CompareTo(others);
                if (left.Current != right.Current)
                    return left.Current.CompareTo(right.Current);
            }
        }
    }
}
