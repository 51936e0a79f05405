using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Research.Data;

/// <summary>Reads tools and calls of tools into the form that chat templates expect: <c>[{"type": "function", "function": {"name", "arguments"}}]</c>.</summary>
internal static class ToolCalls
{
    /// <summary>The tools of a row: a list, or its JSON as text; empty is none.</summary>
    public static JsonElement? Tools(DataNode node)
    {
        if (node.Value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(node.Text()))
            return null;
        var list = node.Value.ValueKind == JsonValueKind.String ? Parse(node) : node;
        if (list.Value.ValueKind != JsonValueKind.Array)
            throw node.Wrong("a list of tools");
        return list.Value.GetArrayLength() == 0 ? null : list.Value;
    }

    /// <summary>The calls that a <c>function_call</c> turn holds as text: one call or a list of calls.</summary>
    public static JsonElement OfText(DataNode node)
    {
        var parsed = Parse(node);
        return OfList(parsed.Value.ValueKind == JsonValueKind.Array ? parsed : parsed with { Value = JsonSerializer.SerializeToElement(new[] { parsed.Value }) });
    }

    /// <summary>The calls of a list, each as <c>{"function": {"name", "arguments"}}</c> or as name and arguments alone.</summary>
    public static JsonElement OfList(DataNode list)
    {
        JsonArray calls = [];
        foreach (var call in list.Items())
        {
            var function = call.Optional("function") ?? call;
            _ = function.Required("name").Text();
            _ = function.Required("arguments");
            calls.Add(call.Has("function")
                ? JsonNode.Parse(call.Value.GetRawText())
                : new JsonObject { ["type"] = "function", ["function"] = JsonNode.Parse(function.Value.GetRawText()) });
        }

        return JsonSerializer.SerializeToElement(calls);
    }

    /// <summary>Names of the functions that a turn calls.</summary>
    public static IEnumerable<string> Names(JsonElement calls) => calls.EnumerateArray().Select(call => call.GetProperty("function").GetProperty("name").GetString()!);

    private static DataNode Parse(DataNode node)
    {
        try
        {
            using var document = JsonDocument.Parse(node.Text());
            return node with { Value = document.RootElement.Clone() };
        }
        catch (JsonException)
        {
            throw new DataFileException(DataProblem.BrokenJson, node.Row, node.Field, "JSON as text", $"\"{(node.Text().Length > 40 ? node.Text()[..40] + "…" : node.Text())}\"");
        }
    }
}
