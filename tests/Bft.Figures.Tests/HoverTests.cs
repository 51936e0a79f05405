using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Bft.Figures.Tests;

/// <summary>In a browser: the picture becomes part of the page, takes its colours, and shows values under the pointer. Skipped where no browser is found.</summary>
public sealed partial class HoverTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-hover-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Values_show_where_the_pointer_is_and_the_page_decides_the_colours()
    {
        var page = Dump("#FFFFFF",
            (Examples.Lines(), 0, 50, 2.913), (Examples.Lines(), 0, 20, 3.52), (Examples.Lines(), 0, 22, 2.85), (Examples.Bars(), 0, 0.8, 1.0), (Examples.Forest(), 0, 1.7, -0.87),
            (Examples.HeatMap(), 0, 0, -1), (Examples.Strip(), 1, 1, 0), (Examples.Grid(), 1, 0.8, 1.0));
        Assert.Equal(
            [
                "SFT|step (steps): 50|loss (nats per token): 2.913 [2.85, 2.99]", "DFT|step (steps): 20|loss (nats per token): 3.52", "",
                "a|set: second|accuracy (share): 1.7 [1.2, 2.4]", "a|odds ratio (ratio): 1.7 [1.2, 2.4]|second",
                "threshold: .1|window (tokens): 64|difference (share): 0.35", "DFT|The|weight (ratio): 0.9", "a|set: second|accuracy (share): 1.7 [1.2, 2.4]",
            ],
            Shown(page));
        Assert.Equal(8, Regex.Count(page, "<svg [^>]*aria-label="));
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains($"fill=\"{Palette.ground}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Palette.dark[Palette.ground], page, StringComparison.Ordinal);
        var dark = Dump("#101010", (Examples.Lines(), 0, 50, 2.913));
        Assert.Contains($"fill=\"{Palette.dark[Palette.ground]}\"", dark, StringComparison.Ordinal);
        Assert.DoesNotContain($"fill=\"{Palette.ground}\"", dark, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_handler_the_picture_stands_and_says_what_it_shows()
    {
        var page = Dump("#FFFFFF", html => Handler().Replace(html, ""), (Examples.Lines(), 0, 50, 2.913));
        Assert.Equal(["none"], Shown(page));
        Assert.Matches("<img alt=\"Two curves.\" width=\"760\"", page);
        Assert.Contains("natural 760", page, StringComparison.Ordinal);
    }

    private static string[] Shown(string page) => [.. Answer().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];

    private string Dump(string ground, params (Figure Figure, int Panel, double X, double Y)[] pointers) => Dump(ground, html => html, pointers);

    /// <summary>Loads a page with the figures, points at places of their panels and gives the page as it then is, each shown text in an element of its own.</summary>
    private string Dump(string ground, Func<string, string> change, params (Figure Figure, int Panel, double X, double Y)[] pointers)
    {
        var figures = string.Concat(pointers.Select(pointer => $"<section>{change(pointer.Figure.Html)}</section>\n"));
        var places = string.Join(',', pointers.Select(pointer => string.Create(CultureInfo.InvariantCulture, $"[{pointer.Panel},{pointer.X},{pointer.Y}]")));
        var file = Path.Combine(_folder, "page.html");
        File.WriteAllText(file, $$"""
            <!DOCTYPE html><html><body style="background:{{ground}}">{{figures}}<script>
            setTimeout(() => [...document.querySelectorAll("section")].forEach((section, n) => {
              const [panel, x, y] = [{{places}}][n], svg = section.querySelector("svg"), image = section.querySelector("img");
              let said = "none" + (image ? ` natural ${image.naturalWidth}` : "");
              if (svg) {
                const [l, t, w, h, x0, x1, y0, y1] = svg.querySelectorAll("[data-area]")[panel].getAttribute("data-area").split(" ").map(Number);
                const log = JSON.parse(svg.querySelector("metadata").textContent.replace(/['"]/g, mark => mark === "'" ? '"' : "'")).panels[panel].x.scale === "log";
                const fx = log ? Math.log(x / x0) / Math.log(x1 / x0) : (x - x0) / (x1 - x0);
                const at = new DOMPoint(l + fx * w, t + h - (y - y0) / (y1 - y0) * h).matrixTransform(svg.getScreenCTM());
                svg.dispatchEvent(new PointerEvent("pointermove", { clientX: at.x, clientY: at.y }));
                said = [...svg.querySelectorAll(".hover tspan")].map(line => line.textContent).join("|");
              }
              const answer = document.createElement("output");
              answer.textContent = said.split(" natural")[0];
              answer.title = said;
              section.append(answer);
            }), 500);
            </script></body></html>
            """);
        return Browse(file);
    }

    private string Browse(string file)
    {
        var browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "needs Chromium or Chrome on the path");
        var start = new ProcessStartInfo(browser!,
            ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", $"--user-data-dir={Path.Combine(_folder, "profile")}", "--dump-dom", $"file://{file}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        var page = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return page;
    }

    [GeneratedRegex("<output title=\"[^\"]*\">(.*?)</output>")]
    private static partial Regex Answer();

    [GeneratedRegex(" onload='[^']*'")]
    private static partial Regex Handler();
}
