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
        await using var browser = await Browser.RequireAsync();
        var (page, figures) = await ConvertAsync(browser, theme, html => html);
        await page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == {figures}");
        Assert.Equal("true", await page.TextAsync($"[...document.querySelectorAll('{FigureOnPage.Answering} > rect:first-of-type')].every(rect => rect.getAttribute('fill') == '{ground}')"));
        await page.EvaluateAsync($"document.querySelector('{FigureOnPage.Answering} .line path').scrollIntoView({{ block: 'center', behavior: 'instant' }})");
        var mark = (await page.EvaluateAsync($"(() => {{ const line = document.querySelector('{FigureOnPage.Answering} .line path'); const at = line.getPointAtLength(0).matrixTransform(line.getScreenCTM()); return [at.x, at.y]; }})()"))!;
        await page.PointAsync((double)mark[0]!, (double)mark[1]!);
        Assert.NotEqual("", await page.TextAsync("document.querySelector('.hover')?.textContent"));
        await page.ScreenshotAsync($"nbconvert-{theme}", whole: true);
        Assert.Empty(page.Errors);
    }

    /// <remarks>What hosts do that show notebooks of strangers: scripts and handlers are taken away, and so are style attributes.</remarks>
    [Fact]
    public async Task A_page_without_scripts_handlers_and_styles_shows_every_figure_as_a_picture()
    {
        await using var browser = await Browser.RequireAsync();
        var (page, figures) = await ConvertAsync(browser, "light", html => Unsafe().Replace(html, ""));
        Assert.Equal((0, figures), await FigureOnPage.CountAsync(page));
        Assert.Equal("", await page.TextAsync("[...document.querySelectorAll('.bft-figure img')].filter(image => !image.alt || Math.abs(image.width / image.height * image.naturalHeight / image.naturalWidth - 1) > 0.01).map(image => image.alt).join('; ')"));
        await page.ScreenshotAsync("nbconvert-sanitised", whole: true);
    }

    private async Task<(BrowserPage Page, int Figures)> ConvertAsync(Browser browser, string theme, Func<string, string> change)
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbconvert");
        var run = jupyter.Run("nbconvert", ["--to", "html", $"--HTMLExporter.theme={theme}", Path.Combine(Checkout.Root, "notebooks", "01-uncertainty-structure.ipynb"), "--output-dir", _folder.Path, "--output", "page"]);
        Assert.True(run.Code == 0, run.Error);
        var html = change(File.ReadAllText(_folder["page.html"]));
        File.WriteAllText(_folder["page.html"], html);
        return (await browser.OpenAsync(new Uri(_folder["page.html"]).AbsoluteUri), Regex.Count(html, "<div class=[\"']bft-figure[\"']"));
    }

    [GeneratedRegex("<script.*?</script>| on[a-z]+='[^']*'| on[a-z]+=\"[^\"]*\"| style='[^']*'| style=\"[^\"]*\"", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Unsafe();
}
