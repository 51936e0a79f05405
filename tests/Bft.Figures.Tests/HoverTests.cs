using System.Text.RegularExpressions;
using Bft.Tests;

namespace Bft.Figures.Tests;

/// <summary>In a browser: the picture becomes part of the page, takes its colours, and shows values under the pointer. Skipped where no browser is found.</summary>
public sealed partial class HoverTests : IDisposable
{
    /// <summary>Texts on the picture's own ground, those in coloured boxes left out, whose contrast to it is below 4.5 (WCAG 2.2, success criterion 1.4.3).</summary>
    private const string PaleTexts = """
        (() => {
          const bright = color => color.match(/[\d.]+/g).slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0) + 0.05;
          return [...document.querySelectorAll("svg text")].filter(text => !text.closest(".cells, .strip"))
            .filter(text => { const ink = bright(getComputedStyle(text).fill), ground = bright(getComputedStyle(text.closest("svg").querySelector("rect")).fill); return Math.max(ink, ground) / Math.min(ink, ground) < 4.5; }).map(text => text.textContent).join("; ");
        })()
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bft-hover-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Values_show_where_the_pointer_is_and_the_page_decides_the_colours()
    {
        await using var browser = await Browser.RequireAsync();
        (Figure Figure, int Panel, double X, double Y, string Shown)[] places =
        [
            (Examples.Lines(), 0, 50, 2.913, "SFT|step (steps): 50|loss (nats per token): 2.913 [2.85, 2.99]"), (Examples.Lines(), 0, 20, 3.52, "DFT|step (steps): 20|loss (nats per token): 3.52"),
            (Examples.Lines(), 0, 22, 2.85, ""), (Examples.Bars(), 0, 0.8, 1.0, "a|set: second|accuracy (share): 1.7 [1.2, 2.4]"),
            (Examples.Forest(), 0, 1.7, -0.87, "a|odds ratio (ratio): 1.7 [1.2, 2.4]|second"), (Examples.HeatMap(), 0, 0, -1, "threshold: .1|window (tokens): 64|difference (share): 0.35"),
            (Examples.Strip(), 1, 1, 0, "DFT|The|weight (ratio): 0.9"), (Examples.Grid(), 1, 0.8, 1.0, "a|set: second|accuracy (share): 1.7 [1.2, 2.4]"),
        ];
        var page = await browser.OpenAsync(Page("#FFFFFF", [.. places.Select(place => place.Figure.Html)]));
        await page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == {places.Length}");
        Assert.Equal(0, (await FigureOnPage.CountAsync(page)).Pictures);
        foreach (var (index, place) in places.Index())
            Assert.Equal(place.Shown, await FigureOnPage.ShownAtAsync(page, index, place.Panel, place.X, place.Y));

        Assert.Equal("Two curves.", await page.TextAsync("document.querySelector('svg').getAttribute('aria-label')"));
        Assert.Equal((true, false), (await UsesAsync(page, Palette.ground), await UsesAsync(page, Palette.dark[Palette.ground])));
        Assert.Empty(page.Errors);
        Assert.Empty(page.OutsideRequests);
        var dark = await browser.OpenAsync(Page("#101010", Examples.Lines().Html));
        await dark.UntilAsync($"document.querySelector('{FigureOnPage.Answering}')");
        Assert.Equal((false, true), (await UsesAsync(dark, Palette.ground), await UsesAsync(dark, Palette.dark[Palette.ground])));
    }

    [Fact]
    public async Task Every_text_can_be_read_on_light_and_on_dark_ground()
    {
        await using var browser = await Browser.RequireAsync();
        string[] figures = [.. Examples.All().Select(row => row.Data.Item2().Html)];
        foreach (var ground in (string[])["#FFFFFF", "#1F1F1F"])
        {
            var page = await browser.OpenAsync(Page(ground, figures));
            await page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == {figures.Length}");
            Assert.Equal("", await page.TextAsync(PaleTexts));
            await page.EvaluateAsync("document.querySelector('svg').setAttribute('fill', document.querySelector('svg > rect').getAttribute('fill'))"); // most texts have their colour from there
            Assert.Contains("Loss falls", await page.TextAsync(PaleTexts), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_value_shown_lies_within_the_picture_and_beside_its_mark()
    {
        await using var browser = await Browser.RequireAsync();
        var page = await browser.OpenAsync(Page("#FFFFFF", Examples.Lines().Html));
        await page.UntilAsync($"document.querySelector('{FigureOnPage.Answering}')");
        foreach (var (x, y) in new[] { (0.0, 3.317), (50.0, 2.913), (50.0, 3.7) }) // the ends and the upper corner
        {
            Assert.NotEqual("", await FigureOnPage.ShownAtAsync(page, 0, 0, x, y));
            Assert.Equal("true", await page.TextAsync("""
                (() => {
                  const [svg, box, text, mark] = ["svg", ".hover rect", ".hover text", ".hover circle"].map(one => document.querySelector(one).getBoundingClientRect());
                  const inside = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
                  return inside(box, svg) && inside(text, box) && (box.left > mark.right - 2 || box.right < mark.left + 2);
                })()
                """));
        }
    }

    [Fact]
    public async Task Without_its_handler_the_picture_stands_and_says_what_it_shows()
    {
        await using var browser = await Browser.RequireAsync();
        var page = await browser.OpenAsync(Page("#FFFFFF", Handler().Replace(Examples.Lines().Html, "")));
        Assert.Equal((0, 1), await FigureOnPage.CountAsync(page));
        Assert.Equal("Two curves., 760", await page.TextAsync("(() => { const image = document.querySelector('img'); return `${image.alt}, ${image.naturalWidth}`; })()"));
        await page.PointAsync(300, 200);
        Assert.Equal("0", await page.TextAsync("document.querySelectorAll('.hover').length"));
    }

    [Fact]
    public async Task In_a_narrow_window_the_figure_shrinks_and_answers_as_before()
    {
        await using var browser = await Browser.RequireAsync();
        var page = await browser.OpenAsync(Page("#FFFFFF", Examples.Bars().Html), width: 480);
        await page.UntilAsync($"document.querySelector('{FigureOnPage.Answering}')");
        Assert.Equal("true", await page.TextAsync("(() => { const box = document.querySelector('svg').getBoundingClientRect(); return box.right <= innerWidth && box.width > 400; })()"));
        Assert.Equal("a|set: second|accuracy (share): 1.7 [1.2, 2.4]", await FigureOnPage.ShownAtAsync(page, 0, 0, 0.8, 1.0));
    }

    [Theory]
    [InlineData(false, "#FFFFFF")]
    [InlineData(true, "#15191E")]
    public async Task A_picture_without_its_handler_follows_the_readers_system(bool isDark, string ground)
    {
        await using var browser = await Browser.RequireAsync();
        var page = await browser.OpenAsync(Page("#FFFFFF", Handler().Replace(Examples.Lines().Html, "")), isDark: isDark);
        Assert.Equal(ground, await page.TextAsync("""
            (() => {
              const image = document.querySelector("img"), canvas = document.createElement("canvas");
              canvas.getContext("2d").drawImage(image, 0, 0);
              return "#" + [...canvas.getContext("2d").getImageData(5, 5, 1, 1).data].slice(0, 3).map(c => c.toString(16).padStart(2, "0")).join("").toUpperCase();
            })()
            """));
    }

    private static async Task<bool> UsesAsync(BrowserPage page, string color) => await page.TextAsync($"document.querySelectorAll(`[fill='{color}']`).length") != "0";

    /// <summary>The address of a page with figures on a ground.</summary>
    private string Page(string ground, params string[] figures)
    {
        var file = Path.Combine(_folder, $"page-{ground[1..]}-{figures.Length}.html");
        File.WriteAllText(file, $"<!DOCTYPE html><html><body style=\"background:{ground}\">{string.Join('\n', figures)}</body></html>");
        return new Uri(file).AbsoluteUri;
    }

    [GeneratedRegex(" onload='[^']*'")]
    private static partial Regex Handler();
}
