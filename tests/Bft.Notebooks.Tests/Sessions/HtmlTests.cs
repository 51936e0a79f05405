using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>HTML, formulas, scripts and styles, as cells of .NET Interactive write them.</summary>
public class HtmlTests(LiveSession live)
{
    [Theory]
    [InlineData("#!fsharp\nopen Html\ndiv [ _class \"a\" ] [ h4 [] [ str \"1 < 2\" ]; b [] [ \"text\" ]; rawText \"<hr>\" ]", "<div class=\"a\"><h4>1 &lt; 2</h4><b>text</b><hr></div>")]
    [InlineData("#!fsharp\nopen Microsoft.DotNet.Interactive.FSharp.FSharpKernelHelpers\nHtml.td [ Html._colSpan 2.0; Html._hidden true ] [ \"5\" ]", "<td colSpan=\"2\" hidden=\"True\">5</td>")]
    [InlineData("#!fsharp\nopen Microsoft.DotNet.Interactive.FSharp.FSharpKernelHelpers.Html\ntr [ _style [ \"color: red\"; \"margin: 0\" ] ] [ for x in [ 1; 2 ] do td [] [ string x ] ]", "<tr style=\"color: red; margin: 0\"><td>1</td><td>2</td></tr>")]
    [InlineData("#!fsharp\nHTML \"<b>x</b>\"", "<b>x</b>")]
    [InlineData("HTML(\"<b>x</b>\")", "<b>x</b>")]
    public async Task Html_is_a_result(string code, string expected)
    {
        var result = Assert.Single((await live.RunAsync(code)).Outputs.OfType<ResultOutput>());
        Assert.Equal(expected, (string)result.Data["text/html"]!);
    }

    /// <remarks>In a session of its own: the tags have a member <c>_</c>, which <c>_ = …</c> of later cells would mean.</remarks>
    [Fact]
    public async Task Tags_in_CSharp_are_a_result()
    {
        var own = new LiveSession();
        await own.InitializeAsync();
        var code = "using static Microsoft.DotNet.Interactive.Formatting.PocketViewTags;\nspan[style: \"color:red\"](b(\"a < b\"))";
        var result = Assert.Single((await own.RunAsync(code)).Outputs.OfType<ResultOutput>());
        Assert.Equal("<span style=\"color:red\"><b>a &lt; b</b></span>", (string)result.Data["text/html"]!);
        await own.DisposeAsync();
    }

    [Theory]
    [InlineData("#!fsharp\ndisplay (HTML \"<i>y</i>\") |> ignore", "text/html", "<i>y</i>")]
    [InlineData("#!fsharp\nopen Html\ndisplay(p [] [ str \"z\" ]) |> ignore", "text/html", "<p>z</p>")]
    [InlineData("#!fsharp\nlet shown = display \"one\"\nshown.Update(2)", "text/plain", "one")]
    [InlineData("display(HTML(\"<i>y</i>\"));", "text/html", "<i>y</i>")]
    [InlineData("display((MathString)@\"\\frac{1}{2}\");", "text/latex", "$$\\frac{1}{2}$$")]
    [InlineData("#!fsharp\ndisplay (MathString @\"$$x^2$$\")", "text/latex", "$$x^2$$")]
    [InlineData("#!fsharp\ndisplay (LaTeXString @\"\\pi\")", "text/latex", "\\pi")]
    [InlineData("((LaTeXString)@\"\\pi\").Display();", "text/latex", "\\pi")]
    public async Task What_is_displayed_keeps_its_form(string code, string mimeType, string expected)
    {
        var shown = (await live.RunAsync(code)).Outputs.OfType<DisplayOutput>().First();
        Assert.Equal(expected, (string)shown.Data[mimeType]!);
        Assert.True(shown.Data.ContainsKey("text/plain"));
    }

    [Theory]
    [InlineData("Javascript(\"alert(1)\");", "alert(1)")]
    [InlineData("#!fsharp\nJavascript \"alert(2)\"", "alert(2)")]
    [InlineData("CSS(\"h2 { color: red; }\");", "h2 { color: red; }")]
    [InlineData("#!fsharp\nCSS \"h3 { color: red; }\"", "h3 { color: red; }")]
    public async Task Scripts_and_styles_reach_the_page(string code, string expected)
    {
        var shown = (await live.RunAsync(code)).Outputs.OfType<DisplayOutput>().Single();
        Assert.Contains(expected, shown.Data["text/html"].GetValue<string>());
        Assert.NotNull(shown.DisplayId); // the wrong variant: a file would lose it
    }

    [Fact]
    public async Task A_formatter_of_a_cell_may_write_elements()
    {
        await live.RunAsync("#!fsharp\ntype Planet = { Name: string }\nmodule Writing =\n    open Html\n    Formatter.Register<Planet>(\n        mimeType = \"text/html\",\n"
            + "        formatter = fun (planet: Planet) (context: FormatContext) ->\n            em [] [ str planet.Name ] |> context.Writer.Write\n            true)");
        Assert.Equal("<em>Io</em>", (string)(await live.RunAsync("#!fsharp\n{ Name = \"Io\" }")).Outputs.OfType<ResultOutput>().Single().Data["text/html"]!);
    }

    [Fact]
    public async Task Text_is_never_taken_for_HTML() // the wrong variant
    {
        var data = (await live.RunAsync("#!fsharp\nopen Html\np [] [ \"<b>\" ]")).Outputs.OfType<ResultOutput>().Single().Data;
        Assert.Equal("<p>&lt;b&gt;</p>", (string)data["text/html"]!);
        Assert.DoesNotContain("text/html", (await live.RunAsync("\"<b>x</b>\"")).Outputs.OfType<ResultOutput>().Single().Data.Keys);
    }
}
