using System.Globalization;

namespace Bft.Tests;

/// <summary>Reads figures on a page with the pointer, as a reader does.</summary>
internal static class FigureOnPage
{
    /// <summary>What tells that a figure answers to the pointer: its picture has become part of the page.</summary>
    public const string Answering = ".bft-figure > svg";

    /// <summary>Moves the pointer to values of a panel of a figure and gives what the page then shows there, its lines parted by <c>|</c>; empty when nothing is shown.</summary>
    /// <param name="figure">How many figures stand before it on the page.</param>
    public static async Task<string> ShownAtAsync(BrowserPage page, int figure, int panel, double x, double y)
    {
        var place = await page.EvaluateAsync(string.Create(CultureInfo.InvariantCulture, $$"""
            (() => {
              const svg = document.querySelectorAll("{{Answering}}")[{{figure}}];
              svg.scrollIntoView({ block: "center", behavior: "instant" });
              const [l, t, w, h, x0, x1, y0, y1] = svg.querySelectorAll("[data-area]")[{{panel}}].getAttribute("data-area").split(" ").map(Number);
              const log = JSON.parse(svg.querySelector("metadata").textContent.replace(/['"]/g, mark => mark === "'" ? '"' : "'")).panels[{{panel}}].x.scale === "log";
              const fx = log ? Math.log({{x}} / x0) / Math.log(x1 / x0) : ({{x}} - x0) / (x1 - x0);
              const at = new DOMPoint(l + fx * w, t + h - ({{y}} - y0) / (y1 - y0) * h).matrixTransform(svg.getScreenCTM());
              return [at.x, at.y];
            })()
            """));
        await page.PointAsync((double)place![0]!, (double)place[1]!);
        return await page.TextAsync($"[...document.querySelectorAll('{Answering}')[{figure}].querySelectorAll('.hover tspan')].map(line => line.textContent).join('|')");
    }

    /// <summary>How many figures the page shows: those that answer and those that are pictures with a size of their own.</summary>
    public static async Task<(int Answering, int Pictures)> CountAsync(BrowserPage page) =>
        ((int)(await page.EvaluateAsync($"document.querySelectorAll('{Answering}').length"))!,
            (int)(await page.EvaluateAsync("[...document.querySelectorAll('img[src^=\"data:image/svg+xml\"]')].filter(image => image.naturalWidth > 0 && image.clientWidth > 0).length"))!);
}
