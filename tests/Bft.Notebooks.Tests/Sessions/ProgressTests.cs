using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Long work that shows how far it is.</summary>
public class ProgressTests(LiveSession live)
{
    private const string Report = "public record Step(int Number, int Of, double Loss);\nvoid Train(IProgress<Step> to) { for (var i = 1; i <= 4; i++) to.Report(new Step(i, 4, 1.0 / i)); }\n";

    [Theory]
    [InlineData("var sum = 0;\nforeach (var row in Progress.Over(new[] { 1, 2, 3 }, \"rows of C#\", unit: \"rows\"))\n    sum += row;\nConsole.Write(sum);", "6", "rows of C#: ████████████████████ 3 of 3 rows")]
    [InlineData("#!fsharp\nlet mutable sum = 0\nfor row in Progress.Over [ 1; 2; 3 ] do\n    sum <- sum + row\nprintf \"%d\" sum", "6", "████████████████████ 3 of 3")]
    [InlineData("#!fsharp\nopen System\nprintf \"%d\" (Seq.length (Progress.Over(seq { 1 .. 5 }, unit = \"words\")))", "5", "5 words")]
    [InlineData("Console.Write(Progress.Over(Enumerable.Range(0, 9).Where(i => i % 2 == 0)).Count());", "5", "5")]
    [InlineData("async IAsyncEnumerable<int> Two() { yield return 1; await System.Threading.Tasks.Task.Yield(); yield return 2; }\nawait foreach (var i in Progress.Over(Two(), total: 2))\n    Console.Write(i);", "12", "████████████████████ 2 of 2")]
    [InlineData("foreach (var i in Progress.Over(new int[0]))\n    Console.Write(i);", "", "0")]
    public async Task Items_are_passed_through_and_counted(string code, string printed, string expected)
    {
        var sink = await live.RunAsync(code);
        Assert.Equal(printed, sink.StandardOutput);
        Assert.Equal(expected, Last(sink));
    }

    [Theory]
    [InlineData(Report + "Train(Progress.Of<Step>((bar, step) => bar.Report(step.Number, step.Of, (\"loss\", step.Loss)), \"SFT\", unit: \"steps\"));", "SFT: ████████████████████ 4 of 4 steps; loss 0.25")]
    [InlineData("var bar = Progress.Start(total: 10);\nbar.Advance(4);\nbar.Report(5, (\"a\", 1), (\"b\", double.NaN));\nbar.Report(10, (\"a\", 2));", "████████████████████ 10 of 10; a 2; b NaN")]
    [InlineData("void Copy(IProgress<double> share) => share.Report(1);\nCopy(Progress.Start(\"copy\"));", "copy: ████████████████████ 100%")]
    [InlineData("void Count(IProgress<int> to) => to.Report(7);\nCount(Progress.Start());", "7")]
    [InlineData("#!fsharp\nlet count (target: System.IProgress<struct (int * float)>) = for i in 1 .. 3 do target.Report(struct (i, float i))\n"
        + "count (Progress.Of<struct (int * float)>((fun bar (struct (i, loss)) -> bar.Report(i, 3, struct (\"loss\", loss))), \"F#\"))", "F#: ████████████████████ 3 of 3; loss 3")]
    public async Task Reports_of_a_library_become_a_bar(string code, string expected) => Assert.Equal(expected, Last(await live.RunAsync(code)));

    [Theory]
    [InlineData("foreach (var i in Progress.Over(Enumerable.Range(0, 4)))\n    if (i == 1) break;", "█████░░░░░░░░░░░░░░░ 1 of 4; stopped")]
    [InlineData("using (Progress.Start(\"half\", 2)) { }", "half: ░░░░░░░░░░░░░░░░░░░░ 0 of 2; stopped")]
    [InlineData("Progress.Start(\"left\", 2).Advance();", "left: ██████████░░░░░░░░░░ 1 of 2; stopped")]
    [InlineData("foreach (var i in Progress.Over(Enumerable.Range(0, 4)))\n    if (i == 2) int.Parse(\"x\");", "██████████░░░░░░░░░░ 2 of 4; stopped, the cell failed with System.FormatException")]
    [InlineData("#!fsharp\nfor i in Progress.Over(seq { 1 .. 9 }) do if i = 3 then failwith \"no\"", "2; stopped, the cell failed with System.Exception")]
    public async Task Work_that_ends_early_says_so(string code, string expected)
    {
        var sink = await live.TryAsync(code);
        Assert.Equal(expected, Last(sink));
        Assert.Single(sink.Outputs.OfType<DisplayOutput>());
    }

    [Theory]
    [InlineData("foreach (var i in Progress.Over(Enumerable.Range(0, 100000)))\n{\n    if (i == 50) Console.Write(\"on\");\n    System.Threading.Thread.Sleep(1);\n}")]
    [InlineData("#!fsharp\nfor i in Progress.Over(seq { 1 .. 100000 }, total = 100000L) do\n    if i = 50 then printf \"on\"\n    System.Threading.Thread.Sleep 1")]
    public async Task An_interrupt_is_said(string code)
    {
        var sink = new RecordingSink();
        var running = live.TryAsync(code, into: sink);
        await sink.WaitForTextAsync();
        live.Session.Interrupt();
        await running;
        Assert.Equal(CellError.Interrupted, sink.Error?.Name);
        Assert.EndsWith("of 100,000; interrupted", Last(sink));
    }

    [Fact]
    public async Task A_fast_loop_is_drawn_a_few_times_and_a_loop_in_a_loop_once()
    {
        var sink = await live.RunAsync("for (var epoch = 0; epoch < 20; epoch++)\n    foreach (var row in Progress.Over(Enumerable.Range(0, 5000), $\"epoch\")) { }");
        Assert.Single(sink.Outputs.OfType<DisplayOutput>()); // the wrong variant: one for each epoch
        Assert.InRange(sink.Outputs.OfType<UpdateOutput>().Count(), 20, 200); // the wrong variant: one for each of 100,000 rows
        Assert.Equal("epoch: ████████████████████ 5,000 of 5,000", Last(sink));
        var two = await live.RunAsync("foreach (var row in Progress.Over(new[] { 1 })) { }\nforeach (var row in Progress.Over(new[] { 1 })) { }");
        Assert.Equal(2, two.Outputs.OfType<DisplayOutput>().Select(output => output.DisplayId).Distinct().Count());
    }

    [Fact]
    public async Task A_reader_of_the_screen_is_told_what_the_bar_shows()
    {
        var sink = await live.RunAsync("using (var bar = Progress.Start(\"a < b\", 4)) bar.Advance(3);");
        var html = (string)sink.Outputs.OfType<UpdateOutput>().Last().Data["text/html"]!;
        Assert.Equal("<div class='bft-progress'>a &lt; b: <progress aria-label='a &lt; b' max='4' value='3' style='width:16em;vertical-align:middle'></progress> 3 of 4; stopped</div>", html);
    }

    [Fact]
    public async Task Another_type_of_that_name_is_never_taken_for_it()
    {
        var library = SampleLibrary.Compile("OwnBars", "namespace OwnBars; public class Progress { public int Mine = 3; }");
        var sink = await live.TryAsync($"#r \"{library}\"\nusing OwnBars;\nnew Progress().Mine");
        Assert.Contains("ambiguous reference between 'Bft.Notebooks.Cells.Progress' and 'OwnBars.Progress'", sink.Error?.Message);
        Assert.Equal("3", (await live.RunAsync("new OwnBars.Progress().Mine")).Result);
        Assert.Equal("3", (await live.RunAsync("#!fsharp\nOwnBars.Progress().Mine")).Result);
    }

    [Fact]
    public void Rate_and_time_left_follow_the_last_drawings()
    {
        var time = new ManualTime();
        var (pace, state) = (new ProgressPace(time), new ProgressState("", "rows") { Total = 1000 });
        Assert.True(pace.IsDue(0, isLast: false));
        time.Advance(0.19);
        Assert.False(pace.IsDue(10, isLast: false)); // not more than five a second
        Assert.True(pace.IsDue(10, isLast: true));
        for (state.Done = 20; state.Done <= 400; state.Done += 10)
        {
            time.Advance(0.5);
            Assert.True(pace.IsDue(state.Done, isLast: false));
        }

        state.Done = 400;
        Assert.Equal(20, pace.Rate!.Value, 3);
        Assert.Equal("████████░░░░░░░░░░░░ 400 of 1,000 rows; 20.0 rows/s; 0:30 left", state.Line(pace));
        Assert.True(pace.IsTimeToTell());
        Assert.False(pace.IsTimeToTell());
        time.Advance(100);
        Assert.True(pace.IsTimeToTell());
        (state.End, state.Done) = (ProgressEnd.Completed, 1000);
        Assert.Equal("████████████████████ 1,000 of 1,000 rows", state.Line(pace)); // nothing that another run would write otherwise
    }

    private static string Last(RecordingSink sink)
    {
        var shown = sink.Outputs.OfType<DisplayOutput>().Last();
        return (string)(sink.Outputs.OfType<UpdateOutput>().LastOrDefault(update => update.DisplayId == shown.DisplayId)?.Data ?? shown.Data)["text/plain"]!;
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public void Advance(double seconds) => _now += (long)Math.Round(seconds * 1000);
    }
}
