using System.Text.RegularExpressions;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>What <c>jupyter nbconvert --to html</c> makes of a committed notebook, read in a browser.</summary>
public sealed partial class ConvertedNotebookTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("light", "#FFFFFF")]
    [InlineData("dark", "#15191E")]
    public async Task Figures_of_a_converted_notebook_answer_in_the_colours_of_its_page(string theme, string ground)
    {
        var page = await ConvertAsync(theme, html => html);
        await using var browser = page.Browser;
        await page.Page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == {page.Figures}");
        Assert.Equal("true", await page.Page.TextAsync($"[...document.querySelectorAll('{FigureOnPage.Answering} > rect:first-of-type')].every(rect => rect.getAttribute('fill') == '{ground}')"));
        await page.Page.EvaluateAsync($"document.querySelector('{FigureOnPage.Answering} .line path').scrollIntoView({{ block: 'center', behavior: 'instant' }})");
        var mark = (await page.Page.EvaluateAsync($"(() => {{ const line = document.querySelector('{FigureOnPage.Answering} .line path'); const at = line.getPointAtLength(0).matrixTransform(line.getScreenCTM()); return [at.x, at.y]; }})()"))!;
        await page.Page.PointAsync((double)mark[0]!, (double)mark[1]!);
        Assert.NotEqual("", await page.Page.TextAsync("document.querySelector('.hover')?.textContent"));
        await page.Page.ScreenshotAsync($"nbconvert-{theme}", whole: true);
        Assert.Empty(page.Page.Errors);
    }

    /// <remarks>What hosts do that show notebooks of strangers: scripts and handlers are taken away, and so are style attributes.</remarks>
    [Fact]
    public async Task A_page_without_scripts_handlers_and_styles_shows_every_figure_as_a_picture()
    {
        var page = await ConvertAsync("light", html => Unsafe().Replace(html, ""));
        await using var browser = page.Browser;
        Assert.Equal((0, page.Figures), await FigureOnPage.CountAsync(page.Page));
        Assert.Equal("", await page.Page.TextAsync("[...document.querySelectorAll('.bft-figure img')].filter(image => !image.alt || Math.abs(image.width / image.height * image.naturalHeight / image.naturalWidth - 1) > 0.01).map(image => image.alt).join('; ')"));
        await page.Page.ScreenshotAsync("nbconvert-sanitised", whole: true);
    }

    private async Task<(Browser Browser, BrowserPage Page, int Figures)> ConvertAsync(string theme, Func<string, string> change)
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbconvert");
        var browser = await Browser.RequireAsync();
        var run = jupyter.Run("nbconvert", ["--to", "html", $"--HTMLExporter.theme={theme}", Path.Combine(Checkout.Root, "notebooks", "01-uncertainty-structure.ipynb"), "--output-dir", _folder.Path, "--output", "page"]);
        Assert.True(run.Code == 0, run.Error);
        var html = change(File.ReadAllText(_folder["page.html"]));
        File.WriteAllText(_folder["page.html"], html);
        return (browser, await browser.OpenAsync(new Uri(_folder["page.html"]).AbsoluteUri), Regex.Count(html, "<div class=[\"']bft-figure[\"']"));
    }

    [GeneratedRegex("<script.*?</script>| on[a-z]+='[^']*'| on[a-z]+=\"[^\"]*\"| style='[^']*'| style=\"[^\"]*\"", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Unsafe();
}
