namespace Bft.Figures.Tests;

/// <summary>One page for several notebooks: complete, self-contained, honest about failures.</summary>
public class ReportTests
{
    private static readonly ClaimTable s_claims = ClaimTable.Of(
        Claim.Of("Runs are longer.", Check.Above("difference", Metrics.LongestRun.Of(0.62, 300, "passages", new Interval(0.01, 1.19)))),
        Claim.Of("BFT wins <always>.", Check.That("wins", false, ("wins", 1), ("losses", 2))));

    private static ReportOutput Output(params (string Mime, string Text)[] forms) => new(forms.ToDictionary(form => form.Mime, form => form.Text));

    private static ReportOutput Shown(Figure figure) => Output(("text/html", figure.Html), ("text/plain", figure.PlainText));

    private static Report Example(string failure = "") => new("Reproduction", "Profile `mini`.",
    [
        new ReportSection("01-confidence", [
            new ReportCell("markdown", "# Low tokens **cluster**\n\nWith $w_t / c_t$.\n\n| a | b |\n|---|---|\n| 1 | 2 |", []),
            new ReportCell("csharp", "var x = 1 < 2; // </script>\nx", [Shown(Examples.Lines()), Output(("text/plain", "a < b\nsecond"))]),
            new ReportCell("fsharp", "figure", [Shown(Examples.Strip())]),
            new ReportCell("csharp", "claims", [Output((ClaimTable.MimeType, s_claims.ToJson()), ("text/html", s_claims.ToHtml()), ("text/plain", s_claims.ToText()))]),
        ], ""),
        new ReportSection("02 other", [new ReportCell("csharp", "throw", [])], failure),
    ]);

    [Fact]
    public void The_page_needs_no_network_and_holds_every_figure()
    {
        var page = ReportPage.ToHtml(Example());
        Assert.Equal([Examples.Lines().Title, Examples.Strip().Title], Figure.Read(page).Select(figure => figure.Title));
        Assert.DoesNotMatch("(src|href)=[\"'](https?:)?//", page);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.Equal(page, ReportPage.ToHtml(Example()));
        Assert.True(page.Length < 60_000, $"{page.Length} characters");
    }

    [Fact]
    public void The_figures_in_the_page_are_those_of_the_notebook()
    {
        var page = ReportPage.ToHtml(Example());
        Assert.Equal([Examples.Lines().Svg, Examples.Strip().Svg], Figure.Read(page).Select(figure => figure.Svg));
        Assert.NotEqual(Examples.Lines(0.005).Svg, Figure.Read(page)[0].Svg);
    }

    [Fact]
    public void An_output_without_html_shows_its_best_form()
    {
        static string Of(params (string Mime, string Text)[] forms) => ReportPage.ToHtml(new Report("t", "", [new ReportSection("n", [new ReportCell("csharp", "1", [Output(forms)])], "")]));
        Assert.Contains("<div class=\"output\"><svg/></div>", Of(("image/svg+xml", "<svg/>"), ("image/png", "AAAA"), ("text/plain", "p")), StringComparison.Ordinal);
        Assert.Contains("base64,AAAA", Of(("image/png", "AAAA\n"), ("text/plain", "p")), StringComparison.Ordinal);
        Assert.Contains("<pre class=\"stream\">p</pre>", Of((Figure.PlotlyMimeType, "{}"), ("text/plain", "p")), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_code_and_tables_become_html()
    {
        var page = ReportPage.ToHtml(Example());
        Assert.Contains("<h1>Low tokens <strong>cluster</strong></h1>", page, StringComparison.Ordinal);
        Assert.Contains("<td>1</td>", page, StringComparison.Ordinal);
        Assert.Contains("<summary>C#, 2 lines</summary><pre>var x = 1 &lt; 2; // &lt;/script&gt;\nx</pre>", page, StringComparison.Ordinal);
        Assert.Contains("<pre class=\"stream\">a &lt; b\nsecond</pre>", page, StringComparison.Ordinal);
        Assert.Contains("With <span class=\"math\">w_t / c_t</span>.", page, StringComparison.Ordinal);
        Assert.Equal("Low tokens **cluster**", Example().Sections[0].Title);
        Assert.Equal("02 other", Example().Sections[1].Title);
    }

    [Fact]
    public void Every_claim_has_its_verdict_and_a_failed_notebook_says_so()
    {
        var rows = Example("Cell 3 threw.").Summary.Rows;
        Assert.Equal(["holds", "fails", "did not run"], rows.Select(row => row[2]));
        Assert.Equal("wins: wins 1, losses 2", rows[1][3]);
        Assert.Equal("Cell 3 threw.", rows[2][3]);
        Assert.Equal(["holds", "fails", "no claim"], Example().Summary.Rows.Select(row => row[2]));
        var page = ReportPage.ToHtml(Example("Cell 3 threw."));
        Assert.Contains("<tr class=\"fails\"><td><a href=\"#01-confidence\">", page, StringComparison.Ordinal);
        Assert.Contains("BFT wins &lt;always&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("id=\"02-other\"", page, StringComparison.Ordinal);
        Assert.Contains("did not run to its end. Cell 3 threw.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_claims_name_notebook_and_cell()
    {
        var broken = new Report("t", "", [new ReportSection("03", [new ReportCell("markdown", "x", []), new ReportCell("csharp", "y", [Output((ClaimTable.MimeType, "{}"))])], "")]);
        Assert.StartsWith("03, cell 2: $.schema", Assert.Throws<ResultsFormatException>(() => ReportPage.ToHtml(broken)).Message, StringComparison.Ordinal);
    }
}
