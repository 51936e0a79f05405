using System.Text.Json.Nodes;

namespace Bft.Tests;

/// <summary>Small notebooks as text: a cell that starts with <c># </c> is prose, one that starts with <c>// parameters</c> has that tag.</summary>
internal static class WrittenNotebook
{
    /// <summary>A notebook of our C# kernel.</summary>
    public static string Of(params IEnumerable<string> cells) => OfKernel(".net-csharp", cells);

    /// <summary>A notebook of another kernel, or of none that is named.</summary>
    public static string OfKernel(string? kernel, params IEnumerable<string> cells) => new JsonObject
    {
        ["cells"] = new JsonArray([.. cells.Select(Cell)]),
        ["metadata"] = kernel is null ? [] : new JsonObject { ["kernelspec"] = new JsonObject { ["display_name"] = kernel, ["language"] = "C#", ["name"] = kernel } },
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    }.ToJsonString();

    private static JsonNode Cell(string source, int index)
    {
        var isProse = source.StartsWith("# ", StringComparison.Ordinal);
        var cell = new JsonObject
        {
            ["cell_type"] = isProse ? "markdown" : "code",
            ["id"] = $"c{index + 1}",
            ["metadata"] = source.StartsWith("// parameters", StringComparison.Ordinal) ? new JsonObject { ["tags"] = new JsonArray("parameters") } : [],
            ["source"] = source,
        };
        if (!isProse)
            (cell["outputs"], cell["execution_count"]) = (new JsonArray(), null);
        return cell;
    }
}
