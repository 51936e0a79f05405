using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>The <c>#!</c> lines.</summary>
public class MagicTests(LiveSession live)
{
    [Fact]
    public async Task Every_magic_is_listed_with_what_it_does()
    {
        var shown = Shown(await live.RunAsync("#!lsmagic"));
        foreach (var magic in Magics.All)
            Assert.Contains($"{magic.Line}\n    {magic.Summary}", shown);
        Assert.Contains("#!import FILE", shown);
        Assert.Contains("F# 10", Shown(await live.RunAsync("#!about")));
    }

    [Fact]
    public async Task Values_are_set_from_text_from_the_other_language_and_from_the_reader()
    {
        await live.RunAsync("#!fsharp\nlet source = 2.5\nlet sources = [1; 2]");
        Assert.Equal("5", (await live.RunAsync("#!set --name target --value @fsharp:source\ntarget * 2")).Result);
        Assert.Equal("hello, reader", (await live.RunAsync("#!set --name greeting --value \"hello, reader\"\ngreeting")).Result);
        Assert.Equal("True", (await live.RunAsync("#!set --name copied --value @fsharp:sources\n#!set --name same --value @fsharp:sources --byref\ncopied is System.Text.Json.JsonDocument && same is Microsoft.FSharp.Collections.FSharpList<int>")).Result);
        Assert.Equal("\"2.5\"", (await live.RunAsync("#!fsharp\n#!set --name text --value @fsharp:source --mime-type text/plain\nsprintf \"%A\" text")).Result);
    }

    [Theory]
    [InlineData("#!set --name name --value @input:Who\nname", "Who", false)]
    [InlineData("#!set --name name --value @input:{\"prompt\":\"Who\",\"typeHint\":\"text\"}\nname", "Who", false)]
    [InlineData("#!set --value @input:\"Who are you?\" --name name\nname", "Who are you?", false)]
    [InlineData("#!fsharp\n#!set --name nameF --value @input:Who\nnameF", "Who", false)]
    [InlineData("#!set --name key --value @password:Key\nkey.GetClearTextPassword()", "Key", true)]
    [InlineData("#!fsharp\n#!set --name keyF --value @password:Key\nkeyF.GetClearTextPassword()", "Key", true)]
    public async Task A_reader_is_asked(string code, string prompt, bool secret)
    {
        var sink = new RecordingSink();
        sink.Answers.Enqueue("Ada");
        await live.TryAsync(code, into: sink);
        Assert.Equal("Ada", sink.Result);
        Assert.Equal([(prompt, secret)], sink.Questions);
    }

    [Fact]
    public async Task Text_is_kept_and_shared()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("bft-value-").FullName, "data.json");
        await File.WriteAllTextAsync(file, "{\"n\":3}");
        await live.RunAsync("#!value --name kept\nline one\n  line #two\n#!csharp\n#!share kept --from value\nvar keptLines = kept.Split('\\n');");
        Assert.Equal("[ line one,   line #two ]", (await live.RunAsync("keptLines")).Result);
        Assert.Equal("3", (await live.RunAsync($"#!value --name data --from-file \"{file}\" --mime-type application/json\n#!csharp\n#!share data --from value\ndata.RootElement.GetProperty(\"n\").GetInt32()")).Result);
        foreach (var (code, message) in new[] { ("#!share keptt --from value", "the nearest is 'kept'"), ("#!value --name x --from-file no.json", "no.json"), ("#!value\nx", "--name is missing") })
            Assert.Contains(message, (await live.TryAsync(code)).Error?.Message);
    }

    [Fact]
    public async Task FSharp_has_what_cells_of_old_notebooks_use_without_opening_it() =>
        Assert.Equal("True", (await live.RunAsync("#!fsharp\nlet writer : TextWriter = new StringWriter(StringBuilder())\nCSS \"h2 { }\"\nJavascript \"alert(1)\"\nisNull writer |> not")).Result);

    [Fact]
    public async Task A_password_is_not_shown()
    {
        var sink = new RecordingSink();
        sink.Answers.Enqueue("secret");
        await live.TryAsync("#!set --name hidden --value @password:Key\nhidden", into: sink);
        Assert.DoesNotContain("secret", sink.Result);
    }

    [Fact]
    public async Task Values_are_listed_for_the_language_in_force()
    {
        await live.RunAsync("var listed = 12;\n#!fsharp\nlet listedF = Some \"a\"");
        Assert.Contains("listed", Shown(await live.RunAsync("#!who")).Split('\n'));
        Assert.DoesNotContain("listedF", Shown(await live.RunAsync("#!who")).Split('\n'));
        var table = Assert.Single((await live.RunAsync("#!fsharp\n#!whos")).Outputs.OfType<DisplayOutput>()).Data;
        Assert.Contains("<td>listedF</td>", (string)table["text/html"]!);
        Assert.Matches("listedF +[^ ]*FSharpOption<System.String> +Some\\(a\\)", (string)table["text/plain"]!);
    }

    [Fact]
    public async Task The_time_of_a_cell_is_told() =>
        Assert.True(Assert.Single((await live.RunAsync("#!time\n1")).Outputs.OfType<TimeOutput>()).Elapsed > TimeSpan.Zero);

    [Theory]
    [InlineData("#!javascript\nalert(1)", "application/javascript", "alert(1)")]
    [InlineData("#!html\n<b>x</b>", "text/html", "<b>x</b>")]
    [InlineData("#!markdown\n# x", "text/markdown", "# x")]
    [InlineData("Javascript(\"alert(1)\");", "text/html", "<script type=\"text/javascript\">alert(1)</script>")]
    [InlineData("display(HTML(\"<i>x</i>\"));", "text/html", "<i>x</i>")]
    public async Task Text_is_shown_as_what_it_is(string code, string mimeType, string expected) =>
        Assert.Equal(expected, (string)Assert.Single((await live.RunAsync(code)).Outputs.OfType<DisplayOutput>()).Data[mimeType]!);

    private static string Shown(RecordingSink sink) => (string)Assert.Single(sink.Outputs.OfType<DisplayOutput>()).Data["text/plain"]!;
}
