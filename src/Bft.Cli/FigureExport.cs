using System.Text.Json.Nodes;
using Bft.Figures;
using Bft.Notebooks.Files;

namespace Bft.Cli;

/// <summary>How figures become files.</summary>
/// <param name="Theme">Ground of the SVG.</param>
/// <param name="Millimetres">Printed width of the SVG; NaN for 760 pixels.</param>
internal sealed record ExportOptions(Theme Theme, double Millimetres);

/// <summary>A figure that was written.</summary>
/// <param name="Stem">Path without ending.</param>
/// <param name="Kinds">The endings: <c>svg</c>, <c>json</c>, <c>html</c>, <c>png</c>.</param>
internal sealed record ExportedFigure(string Stem, IReadOnlyList<string> Kinds);

/// <summary>Writes the figures of an executed notebook: ours redrawn from the data inside their pictures, others as they are stored.</summary>
internal static class FigureExport
{
    /// <summary>Writes all figures into a folder, as <c>cell-12-1.svg</c>: the identifier of the cell, which stays when cells move, and a number in the cell.</summary>
    public static IReadOnlyList<ExportedFigure> Write(Notebook notebook, string folder, ExportOptions options)
    {
        var exported = new List<ExportedFigure>();
        foreach (var cell in notebook.Cells.Where(cell => cell.Kind == CellKind.Code))
        {
            var number = 0;
            foreach (var data in cell.Outputs.Select(output => output?["data"]).OfType<JsonObject>())
                foreach (var forms in Forms(data, options))
                    exported.Add(Save(Path.Combine(folder, $"{cell.Json["id"]}-{++number}"), forms));
        }

        return exported;
    }

    private static ExportedFigure Save(string stem, Dictionary<string, byte[]> forms)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
        foreach (var (kind, bytes) in forms)
            File.WriteAllBytes($"{stem}.{kind}", bytes);
        return new ExportedFigure(stem, [.. forms.Keys]);
    }

    private static IEnumerable<Dictionary<string, byte[]>> Forms(JsonObject data, ExportOptions options)
    {
        var own = Figure.Read(NotebookSections.Text("text/html", data["text/html"]));
        if (own.Count > 0)
            return own.Select(figure => new Dictionary<string, byte[]>
            {
                ["svg"] = Bytes(figure.ToSvg(options.Theme, options.Millimetres) + "\n"),
                ["json"] = Bytes(figure.PlotlyJson + "\n"),
                ["html"] = Bytes(figure.ToHtmlPage()),
            });
        var stored = new Dictionary<string, byte[]>();
        if (data["image/svg+xml"] is { } svg)
            stored["svg"] = Bytes(NotebookSections.Text("image/svg+xml", svg));
        if (data[Figure.PlotlyMimeType] is { } json)
            stored["json"] = Bytes(NotebookSections.Text(Figure.PlotlyMimeType, json));
        if (data["image/png"] is { } png)
            stored["png"] = Convert.FromBase64String(NotebookSections.Text("image/png", png).ReplaceLineEndings(""));
        return stored.Count > 0 ? [stored] : [];
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
