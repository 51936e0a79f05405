using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Figures;
using Bft.Notebooks.Files;

namespace Bft.Cli;

/// <summary>Turns executed notebooks into sections of the report.</summary>
internal static class NotebookSections
{
    /// <summary>The notebook as a section.</summary>
    /// <param name="name">Name in tables and addresses.</param>
    /// <param name="notebook">Executed, or as far as it came.</param>
    /// <param name="failure">Why it did not run to its end; empty when it did.</param>
    public static ReportSection From(string name, Notebook notebook, string failure) =>
        new(name, [.. notebook.Cells.Where(cell => cell.Kind != CellKind.Raw).Select(cell => From(notebook, cell))], failure);

    private static ReportCell From(Notebook notebook, NotebookCell cell) => cell.Kind == CellKind.Markdown
        ? new ReportCell("markdown", cell.Source, [])
        : new ReportCell(cell.LanguageOr(notebook.DefaultLanguage), cell.Source, [.. cell.Outputs.Select(output => From(output!.AsObject()))]);

    private static ReportOutput From(JsonObject output) => new((string?)output["output_type"] switch
    {
        "stream" => Plain(Text("text/plain", output["text"])),
        "error" => Plain($"{output["ename"]}: {output["evalue"]}"),
        _ => output["data"]!.AsObject().ToDictionary(form => form.Key, form => Text(form.Key, form.Value)),
    });

    private static Dictionary<string, string> Plain(string text) => new() { ["text/plain"] = text };

    /// <summary>Text is stored whole or as a list of lines; JSON types as values.</summary>
    public static string Text(string mimeType, JsonNode? content) => content switch
    {
        null => "",
        _ when mimeType.EndsWith("+json", StringComparison.Ordinal) || mimeType == "application/json" => content.ToJsonString(s_json),
        JsonArray lines => string.Concat(lines.Select(line => (string?)line)),
        _ => content.GetValue<string>(),
    };

    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
