using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>What cells show, in the order in which they show it.</summary>
public class OutputTests(LiveSession live)
{
    [Fact]
    public async Task Streams_keep_their_order()
    {
        var sink = await live.RunAsync("Console.Write(1);\nConsole.Error.Write(2);\nConsole.Write(3);\ndisplay(4);\nConsole.Write(5);");
        Assert.Equal(["out 1", "err 2", "out 3", "show 4", "out 5"], sink.Outputs.Select(output => output switch
        {
            StreamOutput stream => (stream.IsError ? "err " : "out ") + stream.Text,
            DisplayOutput shown => "show " + shown.Data["text/plain"],
            _ => "?",
        }));
    }

    [Fact]
    public async Task Late_text_belongs_to_no_later_cell()
    {
        await live.RunAsync("_ = System.Threading.Tasks.Task.Run(async () => { await System.Threading.Tasks.Task.Delay(100); Console.Write(\"late\"); });");
        var next = await live.RunAsync("System.Threading.Thread.Sleep(300);\nConsole.Write(\"own\");");
        Assert.Equal("own", next.StandardOutput);
    }

    [Theory]
    [InlineData("int Unused()\n{\n    int a;\n    return 1;\n}", "(3,9): warning CS0168")]
    [InlineData("#!fsharp\nmatch Some 1 with\n| Some x -> ()", "(2,7): warning FS0025")]
    public async Task A_warning_is_shown_once_with_its_line(string code, string warning)
    {
        var sink = await live.RunAsync(code);
        Assert.Contains(warning, sink.StandardError);
        Assert.Single(sink.StandardError.Split('\n'), line => line.Contains("warning"));
        Assert.Equal("", (await live.RunAsync("1")).StandardError);
    }

    [Fact]
    public async Task An_update_names_the_output_it_replaces()
    {
        foreach (var code in new[] { "var shown = display(\"a\");\nshown.Update(\"b\");", "#!fsharp\nlet shown = display \"a\"\nshown.Update \"b\"" })
        {
            var sink = await live.RunAsync(code);
            var first = Assert.Single(sink.Outputs.OfType<DisplayOutput>());
            var update = Assert.Single(sink.Outputs.OfType<UpdateOutput>());
            Assert.Equal((first.DisplayId, "b"), (update.DisplayId, (string)update.Data["text/plain"]!));
        }
    }

    [Theory]
    [InlineData("42", "42")]
    [InlineData("(string)null", "<null>")]
    [InlineData("DayOfWeek.Friday", "Friday")]
    [InlineData("#!fsharp\n[1; 2]", "[1; 2]")]
    [InlineData("#!fsharp\nSome \"a\"", "Some(a)")]
    public async Task Simple_values_are_plain_text_alone(string code, string expected)
    {
        var data = Assert.Single((await live.RunAsync(code)).Outputs.OfType<ResultOutput>()).Data;
        Assert.Equal(["text/plain"], data.Keys);
        Assert.Equal(expected, (string)data["text/plain"]!);
    }

    [Theory]
    [InlineData("#!fsharp\n[ 1; 2 ]", "[1; 2]")]
    [InlineData("TorchSharp.torch.zeros(2)", "[2], type = Float32, device = cpu")]
    public async Task A_cell_that_resets_formatters_resets_its_own(string code, string expected)
    {
        await live.RunAsync("#r \"Bft.Research\"\nFormatter.Register<Version>((value, writer) => writer.Write(\"mine\"), \"text/plain\");\nFormatter.ResetToDefault();");
        var data = Assert.Single((await live.RunAsync(code)).Outputs.OfType<ResultOutput>()).Data;
        Assert.Equal(["text/plain"], data.Keys); // the wrong variant: a tree of all properties
        Assert.Equal(expected, (string)data["text/plain"]!);
        Assert.DoesNotContain("mine", (await live.RunAsync("new Version(1, 2)")).Result);
    }

    [Theory]
    [InlineData("var x = 5;")]
    [InlineData("display(1);")]
    [InlineData("Math.Abs(5);")]
    [InlineData("#!fsharp\nlet x = 5")]
    [InlineData("#!fsharp\nprintf \"\"")]
    public async Task A_statement_has_no_result(string code) => Assert.Null((await live.RunAsync(code)).Result);

    [Fact]
    public async Task Cells_ask_the_front_end_for_input()
    {
        var sink = new RecordingSink();
        sink.Answers.Enqueue("Ada");
        sink.Answers.Enqueue("7");
        await live.Session.SubmitAsync(new CellRequest("Console.Write(Console.ReadLine() + await GetInputAsync(\"age\"));", 900), sink, CancellationToken.None);
        Assert.Equal("Ada7", sink.StandardOutput);
        Assert.Contains("cannot ask for input", (await live.TryAsync("await GetInputAsync(\"x\")")).Error?.Message);
    }

    [Fact]
    public async Task Blocking_on_a_task_does_not_block_for_ever() =>
        Assert.Equal("3", (await live.RunAsync(
            "async System.Threading.Tasks.Task<int> Slow() { await System.Threading.Tasks.Task.Yield(); await System.Threading.Tasks.Task.Delay(1); return 3; }\nSlow().Result")
            .WaitAsync(TimeSpan.FromSeconds(20))).Result);
}
