using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Failures name the line of the cell and leave the session usable.</summary>
public class FailureTests(LiveSession live)
{
    [Fact]
    public async Task The_very_first_cell_keeps_what_it_defined_before_it_threw()
    {
        using var session = await NotebookSession.StartAsync(new SessionOptions { WorkingFolder = LiveSession.Folder }, CancellationToken.None);
        var first = new RecordingSink();
        await session.SubmitAsync(new CellRequest("var early = 4;\nthrow new Exception(\"no\");", 1), first, CancellationToken.None);
        Assert.Equal("System.Exception", first.Error?.Name);
        Assert.Equal(2, first.Error?.Line);
        var second = new RecordingSink();
        await session.SubmitAsync(new CellRequest("early", 2), second, CancellationToken.None);
        Assert.Equal("4", second.Result);
    }

    [Theory]
    [InlineData("var x = 1;\nvar y = ;", 2, "CS1525")]
    [InlineData("#!csharp\n\nint z = \"text\";", 3, "CS0029")]
    [InlineData("#!fsharp\nlet ok = 1\nlet x : int = \"text\"", 3, "FS0001")]
    [InlineData("var fine = 1;\n#!fsharp\n\nundefinedName", 4, "FS0039")]
    public async Task A_compile_error_names_the_line_of_the_cell(string code, int line, string id)
    {
        var sink = await live.TryAsync(code);
        Assert.Equal(CellError.Compilation, sink.Error?.Name);
        Assert.Equal(line, sink.Error?.Line);
        Assert.StartsWith(id, sink.Error?.Message);
        Assert.StartsWith($"cell {live.Last} ({line},", sink.Error?.Trace[0]);
    }

    [Theory]
    [InlineData("var list = new List<int>();\n\nlist[3] = 1;", 3, "System.ArgumentOutOfRangeException")]
    [InlineData("await System.Threading.Tasks.Task.Yield();\nthrow new InvalidOperationException(\"late\");", 2, "System.InvalidOperationException")]
    [InlineData("#!fsharp\nlet f x = 1 / x\nf 0", 2, "System.DivideByZeroException")]
    public async Task A_run_time_error_names_the_line_and_hides_the_engine(string code, int line, string name)
    {
        var sink = await live.TryAsync(code);
        Assert.Equal(name, sink.Error?.Name);
        Assert.Equal(line, sink.Error?.Line);
        Assert.Contains($"cell {live.Last}, line {line}", string.Join('\n', sink.Error!.Trace));
        Assert.DoesNotContain(sink.Error.Trace, frame => frame.Contains("Microsoft.CodeAnalysis") || frame.Contains("FSI_") || frame.Contains("/src/") || frame.Contains("Submission#"));
    }

    [Fact]
    public async Task An_error_ends_the_cell_before_its_next_part()
    {
        var sink = await live.TryAsync("#!fsharp\n(failwith \"stop\" : unit)\n#!csharp\nConsole.Write(\"must not run\");");
        Assert.Equal("stop", sink.Error?.Message);
        Assert.Equal("", sink.StandardOutput);
    }

    [Theory]
    [InlineData("1\n#!tmie", 2, "Unknown magic '#!tmie'; the nearest is '#!time'")]
    [InlineData("#!pwsh\nls", 1, "'#!pwsh' is of .NET Interactive")]
    [InlineData("#!share --from fsharp doesNotExist", 1, "has no value named 'doesNotExist'")]
    [InlineData("#!share --from python x", 1, "'python' is not a language")]
    [InlineData("#!share x", 1, "--from is missing")]
    [InlineData("#!share --form fsharp x", 1, "unknown option --form; the nearest is --from")]
    [InlineData("#!share --from", 1, "--from needs a value")]
    [InlineData("#!share --from fsharp a b", 1, "--name is given twice")]
    [InlineData("#!markdown\nx\n#!who", 3, "markdown has no values")]
    [InlineData("\n#r \"paket: X\"", 2, "expected a .dll file")]
    [InlineData("#r \"nuget:\"", 1, "the name is missing")]
    [InlineData("#r \"nuget:X, 1.0, 2.0\"", 1, "more than a name and a version")]
    [InlineData("#r \"nuget:X, versoin=1\"", 1, "unknown option 'versoin'; the nearest is Version")]
    [InlineData("#r \"nuget:../X\"", 1, "is not the name of a package")]
    [InlineData("#r \"missing/Library.dll\"", 1, "no such file")]
    [InlineData("#!set --name only", 1, "--value is missing")]
    [InlineData("#!set --name x --value @fsharp:doesNotExist", 1, "fsharp has no value named 'doesNotExist'")]
    [InlineData("#!set --name x --value @input:age", 1, "cannot ask for input")]
    [InlineData("1\n#!import missing.csx", 2, "there is no such file")]
    [InlineData("#load \"missing.csx\"", 1, "there is no such file")]
    public async Task A_wrong_magic_is_an_error_with_its_line(string code, int line, string message)
    {
        var sink = await live.TryAsync(code);
        Assert.Equal(CellError.Directive, sink.Error?.Name);
        Assert.Equal(line, sink.Error?.Line);
        Assert.Contains(message, sink.Error?.Message);
    }

    [Fact]
    public async Task An_unknown_language_is_an_error()
    {
        var sink = new RecordingSink();
        await live.Session.SubmitAsync(new CellRequest("1", 1, "cobol"), sink, CancellationToken.None);
        Assert.Contains("Unknown language 'cobol'; the nearest is", sink.Error?.Message);
    }

    [Fact]
    public async Task Null_records_and_nested_types_can_be_shared()
    {
        await live.RunAsync("#!fsharp\ntype R = { A: int; B: string }\nlet r = { A = 3; B = \"b\" }\nlet nothing : string = null\nlet pair = (1, [2.5])");
        await live.RunAsync("#!share --from fsharp r\n#!share --from fsharp nothing\n#!share pair --from fsharp");
        Assert.Equal("3", (await live.RunAsync("(int)r.A")).Result);
        Assert.Equal("True", (await live.RunAsync("nothing is null")).Result);
        Assert.Equal("2.5", (await live.RunAsync("pair.Item2.Head")).Result);

        await live.RunAsync("public record P(int Q);\nvar p = new P(7);\nstring none = null;\nvar where = new Dictionary<string, int[]> { [\"k\"] = [1, 2] };\nvar when = Environment.SpecialFolder.Desktop;");
        await live.RunAsync("#!fsharp\n#!share --from csharp p\n#!share --from csharp none\n#!share --from csharp where\n#!share --from csharp when --as folder");
        Assert.Equal("True", (await live.RunAsync("#!fsharp\nisNull none")).Result);
        Assert.Equal("3", (await live.RunAsync("#!fsharp\nArray.sum where[\"k\"]")).Result);
        Assert.Equal("P { Q = 7 }", (await live.RunAsync("#!fsharp\nstring p")).Result);
        Assert.Equal("True", (await live.RunAsync("#!fsharp\nfolder = System.Environment.SpecialFolder.Desktop")).Result);
        await live.RunAsync("#!share --from fsharp folder --as nested");
        Assert.Equal("True", (await live.RunAsync("nested == Environment.SpecialFolder.Desktop")).Result);
    }
}
