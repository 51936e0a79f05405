using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>
/// The classic Jupyter notebook in a browser, with our kernel: what a reader clicks and what is then there. Pictures of the windows are left in
/// <c>artifacts/browser/</c>. Each takes some ten seconds: a server, a browser and a kernel are started.
/// </summary>
public sealed class ClassicNotebookTests : IDisposable
{
    private const string Setup = """
        #r "Bft.Results"
        #r "Bft.Figures"
        using Bft.Results; using Bft.Figures;
        """;

    private const string Curves = """
        var kept = 5;
        Draw.Lines("Loss falls", "SFT falls.", "One curve.", [new Curve("SFT", "step (steps)", "loss (nats per token)", [0, 10, 20, 50], [3.3, 3.1, 3.0, 2.9])])
        """;

    private const string Bars = """
        Draw.Bars("Bars", "set", "accuracy (share)", "They differ.", "Two bars.", [Measured.Of("first", "a", 0.41, 0.38, 0.45), Measured.Of("second", "a", 1.7, 1.2, 2.4)])
        """;

    private const string RunAll = "#run_all_cells";
    private const string NothingRuns = "Jupyter.notebook.get_cells().every(cell => cell.cell_type != 'code' || cell.input_prompt_number != '*')";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Figures_of_run_cells_answer_to_the_pointer_and_those_of_a_saved_notebook_do_when_it_is_trusted()
    {
        using var server = new JupyterServer(Jupyter.Require(_folder.Path, "notebook"));
        await using var browser = await Browser.RequireAsync();
        File.WriteAllText(_folder["figures.ipynb"], WrittenNotebook.Of("# Two figures", Setup, Curves, Bars));

        var page = await server.OpenAsync(browser, "figures.ipynb");
        await MenuAsync(page, RunAll);
        await page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == 2 && {NothingRuns}", 60);
        await AnswersAsync(page, "classic-run");
        await MenuAsync(page, "#save_checkpoint");
        await page.UntilAsync("Jupyter.notebook.last_checkpoint && !Jupyter.notebook.dirty");
        Assert.Empty(JupyterServer.Complaints(page));
        Assert.Empty(page.OutsideRequests);

        await AnswersAsync(await server.OpenAsync(browser, "figures.ipynb"), "classic-trusted");

        // Another text makes it a notebook that nobody here has run.
        File.WriteAllText(_folder["others.ipynb"], File.ReadAllText(_folder["figures.ipynb"]).Replace("Two figures", "Figures of somebody else", StringComparison.Ordinal));
        var untrusted = await server.OpenAsync(browser, "others.ipynb");
        Assert.Equal((0, 2), await FigureOnPage.CountAsync(untrusted));
        await untrusted.ScreenshotAsync("classic-untrusted");
        Assert.Empty(JupyterServer.Complaints(untrusted));
    }

    /// <remarks>The variant that must be told from the figure: its handler taken away.</remarks>
    [Fact]
    public async Task A_figure_without_its_handler_is_a_picture_that_says_nothing()
    {
        using var server = new JupyterServer(Jupyter.Require(_folder.Path, "notebook"));
        await using var browser = await Browser.RequireAsync();
        File.WriteAllText(_folder["silent.ipynb"], WrittenNotebook.Of(Setup,
            $"using System.Text.RegularExpressions;\nvar html = ({Bars.Trim()}).Html;\ndisplay(HTML(Regex.Replace(html, \" onload='[^']*'\", \"\")))"));
        var page = await server.OpenAsync(browser, "silent.ipynb");
        await MenuAsync(page, RunAll);
        await page.UntilAsync($"document.querySelectorAll('.output img').length == 1 && {NothingRuns}", 60);
        await page.ClickAsync(".output img");
        Assert.Equal((0, 1), await FigureOnPage.CountAsync(page));
        Assert.Equal("0", await page.TextAsync("document.querySelectorAll('.hover').length"));
    }

    [Fact]
    public async Task An_endless_cell_is_interrupted_the_next_one_runs_and_a_restart_forgets()
    {
        using var server = new JupyterServer(Jupyter.Require(_folder.Path, "notebook"));
        await using var browser = await Browser.RequireAsync();
        File.WriteAllText(_folder["endless.ipynb"], WrittenNotebook.Of("var kept = 41;", "Console.WriteLine(\"running\");\nwhile (true) { }", "kept + 1"));
        var page = await server.OpenAsync(browser, "endless.ipynb");
        await MenuAsync(page, RunAll);
        await page.UntilAsync($"{Output(1)}.includes('running')", 60);
        await MenuAsync(page, "#int_kernel");
        await page.UntilAsync($"{Output(1)}.includes('The cell was interrupted.') && {NothingRuns}");
        Assert.DoesNotContain("42", await page.TextAsync(Output(2)), StringComparison.Ordinal); // cells that waited behind an error do not run

        await RunAsync(page, 2);
        Assert.Contains("42", await page.TextAsync(Output(2)), StringComparison.Ordinal);
        await page.ScreenshotAsync("classic-interrupted");

        await MenuAsync(page, "#restart_kernel");
        await page.UntilAsync("document.querySelector('.modal.in .btn-danger')");
        await page.EvaluateAsync("new Promise(done => setTimeout(done, 500))"); // the dialog slides in
        await page.ClickAsync(".modal.in .btn-danger");
        await page.UntilAsync("!document.querySelector('.modal.in') && Jupyter.notebook.kernel.is_connected() && document.querySelector('#kernel_indicator_icon.kernel_idle_icon')");
        await RunAsync(page, 2);
        Assert.Contains("CS0103", await page.TextAsync(Output(2)), StringComparison.Ordinal);
        await page.ScreenshotAsync("classic-restarted");
        Assert.Empty(page.OutsideRequests);
    }

    [Theory]
    [InlineData("01-uncertainty-structure.ipynb")]
    [InlineData("02-sft-dft-bft.ipynb")]
    public async Task A_committed_notebook_opens_with_all_its_figures_whole_and_without_a_complaint(string name)
    {
        using var server = new JupyterServer(Jupyter.Require(_folder.Path, "notebook"));
        await using var browser = await Browser.RequireAsync();
        File.Copy(Path.Combine(Checkout.Root, "notebooks", name), _folder[name]);
        var figures = System.Text.RegularExpressions.Regex.Count(File.ReadAllText(_folder[name]), "<div class='bft-figure'");
        var stem = Path.GetFileNameWithoutExtension(name)[..2];

        var page = await server.OpenAsync(browser, name);
        Assert.Equal((0, figures), await FigureOnPage.CountAsync(page));
        await IsWholeAsync(page, "img[src^=\"data:image/svg+xml\"]", $"{stem}-untrusted");

        await MenuAsync(page, "#trust_notebook");
        await page.UntilAsync("document.querySelector('.modal.in .btn-danger')");
        await page.EvaluateAsync("new Promise(done => setTimeout(done, 500))");
        await page.ClickAsync(".modal.in .btn-danger");
        await page.UntilAsync($"document.querySelectorAll('{FigureOnPage.Answering}').length == {figures}", 60);
        await IsWholeAsync(page, FigureOnPage.Answering, $"{stem}-trusted");
    }

    private static async Task AnswersAsync(BrowserPage page, string picture)
    {
        Assert.Equal((2, 0), await FigureOnPage.CountAsync(page));
        Assert.Equal("a|set: first|accuracy (share): 0.41 [0.38, 0.45]", await FigureOnPage.ShownAtAsync(page, 1, 0, 0, 0.4));
        Assert.Equal("SFT|step (steps): 20|loss (nats per token): 3", await FigureOnPage.ShownAtAsync(page, 0, 0, 20, 3.0));
        await page.ScreenshotAsync(picture);
    }

    /// <summary>Every figure lies within its cell, in its proportions, and the page neither complained nor asked another host.</summary>
    private static async Task IsWholeAsync(BrowserPage page, string figures, string picture)
    {
        Assert.Equal("", await page.TextAsync($$"""
            [...document.querySelectorAll(`{{figures}}`)].map((figure, n) => {
              const box = figure.getBoundingClientRect(), room = figure.closest(".output_subarea").getBoundingClientRect();
              const size = figure.viewBox ? [figure.viewBox.baseVal.width, figure.viewBox.baseVal.height] : [figure.naturalWidth, figure.naturalHeight];
              const whole = box.left >= room.left && box.right <= room.right + 1 && Math.abs(box.width / box.height * size[1] / size[0] - 1) < 0.01 && box.width > 500;
              return whole ? "" : `figure ${n}: ${box.width} x ${box.height} of ${size} in ${room.width}`;
            }).filter(one => one).join("; ")
            """));
        await page.EvaluateAsync("(() => { const site = document.querySelector('#site'); site.style.height = site.style.overflow = 'visible'; document.querySelector('#notebook-container').scrollIntoView(); })()");
        await page.ScreenshotAsync($"classic-{picture}", whole: true);
        Assert.Empty(JupyterServer.Complaints(page));
        Assert.Empty(page.OutsideRequests);
    }

    private static string Output(int cell) => $"Jupyter.notebook.get_cell({cell}).output_area.element.text()";

    private static Task<JsonNode?> MenuAsync(BrowserPage page, string entry) => page.EvaluateAsync($"document.querySelector('{entry} a').click()");

    private static async Task RunAsync(BrowserPage page, int cell)
    {
        await page.EvaluateAsync($"Jupyter.notebook.select({cell}); Jupyter.notebook.execute_cell(); 0");
        await page.UntilAsync($"Jupyter.notebook.get_cell({cell}).input_prompt_number != '*' && {NothingRuns}");
    }
}
