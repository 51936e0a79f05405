using System.CommandLine;
using System.Globalization;
using Bft.Figures;
using Bft.Notebooks.Files;

namespace Bft.Cli;

/// <summary><c>bft notebook figures</c>: the figures of executed notebooks as files.</summary>
internal static class NotebookFiguresCommand
{
    private const string DefaultFolder = "artifacts/figures";

    public static Command Create()
    {
        var paths = NotebookCheckCommand.Paths();
        var output = new Option<string>("--out") { Description = "folder; each notebook gets one of its own below it", DefaultValueFactory = _ => DefaultFolder };
        var theme = new Option<string>("--theme") { Description = "ground of the SVG and PNG files: light, dark, or auto for the reader's system", DefaultValueFactory = _ => "light" };
        theme.AcceptOnlyFromAmong("light", "dark", "auto");
        var width = new Option<double?>("--width") { Description = "printed width, for example 85 for a column; without it 760 pixels", HelpName = "MM" };
        var command = new Command("figures", "Export every figure of executed notebooks as SVG, Plotly JSON and a page of its own, and as PNG where a browser is found. Names are those of the cells.")
        {
            paths, output, theme, width,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new ExportOptions(Enum.Parse<Theme>(result.GetValue(theme)!, ignoreCase: true), result.GetValue(width) ?? double.NaN);
            var exported = new List<ExportedFigure>();
            foreach (var path in NotebookPaths.Expand(result.GetValue(paths)!))
                exported.AddRange(FigureExport.Write(NotebookFile.Read(path), Path.Combine(result.GetValue(output)!, Path.GetFileNameWithoutExtension(path)), options));
            foreach (var figure in exported)
                await Console.Out.WriteLineAsync($"{figure.Stem} ({string.Join(", ", figure.Kinds)})");
            await Console.Error.WriteLineAsync($"{exported.Count.ToString(CultureInfo.InvariantCulture)} figure{(exported.Count == 1 ? "" : "s")}. {await PicturesAsync(exported, cancellationToken)}");
            return Verb.Success;
        });
        return command;
    }

    private static async Task<string> PicturesAsync(List<ExportedFigure> exported, CancellationToken cancellationToken)
    {
        string[] drawn = [.. exported.Where(figure => figure.Kinds.Contains("svg") && !figure.Kinds.Contains("png")).Select(figure => figure.Stem)];
        if (drawn.Length == 0)
            return "";
        if (BrowserPictures.FindBrowser() is not { } browser)
            return $"No PNG: none of {string.Join(", ", BrowserPictures.Names)} is on the path.";
        await BrowserPictures.DrawAsync(browser, drawn, cancellationToken);
        return $"PNG by {Path.GetFileName(browser)}.";
    }
}
