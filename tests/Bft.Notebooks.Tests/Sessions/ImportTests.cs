using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Files that a cell runs in its place.</summary>
public sealed class ImportTests(LiveSession live) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Scripts_of_both_languages_are_run()
    {
        var inner = Write("inner.csx", "int Inner(int x) => x + 1;");
        var outer = Write("outer.csx", $"#load \"{Path.GetFileName(inner)}\"\nvar fromScript = Inner(4);");
        Assert.Equal("5", (await live.RunAsync($"#!import \"{outer}\"\nfromScript")).Result);
        Assert.Equal("6", (await live.RunAsync($"#load \"{inner}\"\nInner(5)")).Result);
        Assert.Equal("6", (await live.RunAsync($"#!import {Write("twice.fsx", "let twice x = 2 * x")}\n#!fsharp\ntwice 3")).Result);
        Assert.Equal("7", (await live.RunAsync($"#!import {Write("seven.fs", "module Numbers\nlet seven = 7")}\n#!fsharp\nNumbers.seven")).Result);
        Assert.Equal("8", (await live.RunAsync($"#!fsharp\n#load @\"{Write("Loaded.fsx", "let eight = 8")}\"\nLoaded.eight")).Result);
    }

    [Fact]
    public async Task A_dib_file_runs_each_part_in_its_language_without_its_prose()
    {
        var file = Write("sample.dib", """
            #!meta

            {"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp"},{"name":"fsharp","languageName":"F#"}]}}

            #!csharp

            var dibNumber = 3;

            #!markdown

            # Not shown

            #!fsharp

            #!share --from csharp dibNumber
            let dibTwice = dibNumber * 2
            """);
        Assert.Empty((await live.RunAsync($"#!import {file}")).Outputs);
        Assert.Equal("6", (await live.RunAsync("#!fsharp\ndibTwice")).Result);
    }

    [Theory]
    [InlineData("""{"kernelspec":{"name":".net-csharp","language":"C#"}}""", """{"dotnet_interactive":{"language":"fsharp"}}""")]
    [InlineData("""{"polyglot_notebook":{"kernelInfo":{"defaultKernelName":"csharp"}}}""", """{"polyglot_notebook":{"kernelName":"fsharp"}}""")]
    [InlineData("""{"kernelspec":{"name":".net-fsharp","language":"F#"},"language_info":{"name":"F#"}}""", "{}")]
    public async Task A_notebook_runs_its_code_cells_in_the_language_that_its_metadata_name(string notebook, string cell)
    {
        var file = Write("sample.ipynb", "{\"cells\":[{\"cell_type\":\"markdown\",\"metadata\":{},\"source\":\"no\"},{\"cell_type\":\"code\",\"execution_count\":null,\"metadata\":"
            + cell + ",\"outputs\":[],\"source\":[\"let ofNotebook =\\n\",\"    [ 1; 2 ]\"]}],\"metadata\":" + notebook + ",\"nbformat\":4,\"nbformat_minor\":2}");
        Assert.Equal("3", (await live.RunAsync($"#!import {file}\n#!fsharp\nList.sum ofNotebook")).Result);
    }

    [Fact]
    public async Task An_error_names_the_file_its_line_and_the_line_of_the_cell()
    {
        var failing = Write("failing.csx", "var fine = 1;\nthrow new Exception(\"in the file\");");
        var sink = await live.TryAsync($"1.ToString();\n#!import {failing}");
        Assert.Equal(("System.Exception", "in the file", 2), (sink.Error?.Name, sink.Error?.Message, sink.Error?.Line));
        Assert.Contains(sink.Error!.Trace, line => line.Contains("failing.csx") && line.Contains("line 2"));
        sink = await live.TryAsync($"#!import {Write("broken.csx", "\nint x = ;")}");
        Assert.Contains("broken.csx (2,9): error CS1525", sink.Error!.Trace[0]);
        Assert.Equal(CellError.Compilation, sink.Error.Name);
    }

    [Theory]
    [InlineData("self.csx", "#!import self.csx", "imports itself")]
    [InlineData("data.json", "{}", "expected .cs, .csx, .fs, .fsx, .dib or .ipynb")]
    [InlineData("broken.ipynb", "{}", "nbformat")]
    public async Task What_cannot_be_run_is_said(string name, string text, string message)
    {
        var sink = await live.TryAsync($"#!import {Write(name, text)}");
        Assert.Equal(CellError.Directive, sink.Error?.Name);
        Assert.Contains(message, sink.Error!.Message);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
