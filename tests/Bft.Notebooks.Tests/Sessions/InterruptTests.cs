using System.Diagnostics;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>A cell can be stopped, and the session is whole afterwards.</summary>
public sealed class InterruptTests(LiveSession live)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1.5); // 20 to 60 ms alone; the machine may be busy

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("while (true) System.Threading.Thread.Sleep(5);")]
    [InlineData("await System.Threading.Tasks.Task.Delay(60000);")]
    [InlineData("await System.Threading.Tasks.Task.Delay(1); while (true) { }")]
    [InlineData("while (true) try { while (true) { } } catch (Exception) { }")]
    [InlineData("lock (new object()) while (true) { }")]
    [InlineData("void Forever() { Forever2(); }\nvoid Forever2() { again: goto again; }\nForever();")]
    [InlineData("long Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);\nFibonacci(80)")]
    [InlineData("while (true) { await System.Threading.Tasks.Task.Yield(); }")]
    [InlineData("System.Threading.Tasks.Task.Run(() => { while (true) { } }).Wait();")]
    [InlineData("new System.Threading.ManualResetEvent(false).WaitOne();")]
    [InlineData("while (true) try { System.Threading.Thread.Sleep(50000); } catch (Exception) { }")]
    [InlineData("while (true) display(1);")]
    [InlineData("Enumerable.Range(0, int.MaxValue).SelectMany(_ => Enumerable.Range(0, 9)).LongCount(x => x > 0)")]
    [InlineData("System.Threading.Tasks.Parallel.For(0L, long.MaxValue, i => { });")]
    [InlineData("#!fsharp\nwhile true do ()")]
    [InlineData("#!fsharp\nwhile true do\n    System.Threading.Thread.Sleep 1")]
    [InlineData("#!fsharp\nSystem.Threading.Thread.Sleep 60000")]
    [InlineData("#!fsharp\nwhile true do printf \"\"\n")]
    [InlineData("#!fsharp\nSeq.initInfinite id |> Seq.iter (fun n -> ignore n)")]
    [InlineData("#!fsharp\nlet rec f n = if n < 0 then n else f (n ^^^ 1)\nf 1")]
    [InlineData("using TorchSharp;\nConsole.Write(\"begun\");\nvar w = torch.zeros(4);\nfor (var i = 0; i < 100000000; i++) { using var g = w * 2; w.add_(g); }")]
    public async Task Stops_soon_and_keeps_variables(string endless)
    {
        var begun = endless.StartsWith("#!fsharp\n", StringComparison.Ordinal)
            ? endless.Insert("#!fsharp\n".Length, "printf \"begun\"\n")
            : endless.StartsWith("using", StringComparison.Ordinal) ? endless : "Console.Write(\"begun\");\n" + endless;
        await live.RunAsync("#r \"Bft.Research\"\nvar kept = 17;");
        for (var round = 0; round < 2; round++)
        {
            using var interrupt = new CancellationTokenSource();
            var sink = new RecordingSink();
            var cell = live.TryAsync(begun, interrupt.Token, sink);
            await sink.WaitForTextAsync();
            await Task.Delay(20, CancellationToken.None);
            Assert.False(cell.IsCompleted);
            var watch = Stopwatch.StartNew();
            await interrupt.CancelAsync();
            await cell.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            Assert.True(watch.Elapsed < s_soon, $"took {watch.Elapsed}");
            Assert.Equal(CellError.Interrupted, sink.Error?.Name);
        }

        Assert.Equal("17", (await live.RunAsync("kept")).Result);
    }

    [Theory]
    [InlineData("var sum = 0;\nnew List<int> { 1, 2 }.ForEach(x => Add(x));\nvoid Add(int x) => sum += x;\nsum", "3")]
    [InlineData("System.Linq.Expressions.Expression<Func<int, int>> tree = x => x + 1;\ntree.Body.ToString()", "(x + 1)")]
    [InlineData("Func<byte> small = () => 1;\nsmall()", "1")]
    [InlineData("new[] { 1, 2 }.Select(x => (x, Twice: x * 2)).Sum(pair => pair.x + pair.Twice)", "9")]
    [InlineData("Func<int, Func<int, int>> add = x => y => x + y;\nadd(1)(2)", "3")]
    [InlineData("Func<FormattableString> text = () => $\"{1}\";\ntext().ArgumentCount", "1")]
    public async Task Lambdas_that_a_check_does_not_fit_into_stay_as_they_are(string code, string expected) =>
        Assert.Equal(expected, (await live.RunAsync(code)).Result);

    [Fact]
    public async Task FSharp_keeps_its_values_too()
    {
        await live.RunAsync("#!fsharp\nlet keptToo = 18");
        using var interrupt = new CancellationTokenSource(200);
        Assert.Equal(CellError.Interrupted, (await live.TryAsync("#!fsharp\nlet lost = 1\nwhile true do ()", interrupt.Token)).Error?.Name);
        Assert.Equal("18", (await live.RunAsync("#!fsharp\nkeptToo")).Result);
    }

    [Theory]
    [InlineData("await System.Threading.Tasks.Task.Delay(700);")]
    [InlineData("await System.Threading.Tasks.Task.Delay(700).ConfigureAwait(false);")]
    public async Task Late_code_of_an_interrupted_cell_does_not_undo_newer_cells(string wait)
    {
        using var interrupt = new CancellationTokenSource(300);
        var sink = await live.TryAsync(wait + "\nvar zombie = 1;", interrupt.Token);
        Assert.Equal(CellError.Interrupted, sink.Error?.Name);
        await live.RunAsync("var newer = 5;");
        await Task.Delay(900, CancellationToken.None);
        Assert.Equal("5", (await live.RunAsync("newer")).Result);
    }

    [Fact]
    public async Task What_looks_for_no_interrupt_is_said_and_stopped_by_a_second_one()
    {
        var library = SampleLibrary.Compile("Spinning", "public static class Spinner { public static void Spin() { while (true) ; } }");
        using var interrupt = new CancellationTokenSource();
        var sink = new RecordingSink();
        var cell = live.TryAsync($"#r \"{library}\"\nConsole.Write(\"begun\");\nSpinner.Spin();", interrupt.Token, sink);
        await sink.WaitForTextAsync();
        await interrupt.CancelAsync();
        await Task.Delay(1300, CancellationToken.None);
        Assert.False(cell.IsCompleted, "the loop of a library looked for the interrupt");
        Assert.Contains("Interrupt again", sink.StandardError);
        live.Session.Interrupt();
        await cell.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.Equal(CellError.Interrupted, sink.Error?.Name);
        Assert.Equal("2", (await live.RunAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task A_library_that_sleeps_for_no_time_once_a_step_can_be_interrupted()
    {
        var library = SampleLibrary.Compile("Stepping", "public static class Stepper { public static void Run() { while (true) System.Threading.Thread.Sleep(0); } }");
        using var interrupt = new CancellationTokenSource();
        var sink = new RecordingSink();
        var cell = live.TryAsync($"#r \"{library}\"\nConsole.Write(\"begun\");\nStepper.Run();", interrupt.Token, sink);
        await sink.WaitForTextAsync();
        await interrupt.CancelAsync();
        await cell.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal(CellError.Interrupted, sink.Error?.Name);
    }

    [Fact]
    public async Task What_an_interrupted_cell_started_on_other_threads_ends_too()
    {
        await live.RunAsync("var turns = 0L;");
        using var interrupt = new CancellationTokenSource(600);
        await live.TryAsync("_ = System.Threading.Tasks.Task.Run(() => { while (true) { turns++; System.Threading.Thread.Sleep(1); } });\nawait System.Threading.Tasks.Task.Delay(60000);", interrupt.Token);
        await Task.Delay(200, CancellationToken.None);
        Assert.Equal("True", (await live.RunAsync("var seenTurns = turns;\nSystem.Threading.Thread.Sleep(200);\nseenTurns > 0 && turns == seenTurns")).Result);
    }

    [Fact]
    public async Task Thread_local_state_survives_an_interrupt()
    {
        await live.RunAsync("#r \"Bft.Research\"\nTorchSharp.torch.set_grad_enabled(false);");
        using var interrupt = new CancellationTokenSource(300);
        await live.TryAsync("while (true) { }", interrupt.Token);
        Assert.Equal("False", (await live.RunAsync("var off = TorchSharp.torch.is_grad_enabled();\nTorchSharp.torch.set_grad_enabled(true);\noff")).Result);
    }

    [Fact]
    public async Task Thread_local_state_carries_over_also_after_an_await()
    {
        await live.RunAsync("[ThreadStatic] static int mark;\nvar first = Environment.CurrentManagedThreadId;");
        await live.RunAsync("#r \"Bft.Research\"\nawait System.Threading.Tasks.Task.Delay(5);\nTorchSharp.torch.set_grad_enabled(false);");
        Assert.Equal("True", (await live.RunAsync("await System.Threading.Tasks.Task.Yield();\nEnvironment.CurrentManagedThreadId == first")).Result);
        Assert.Equal("False", (await live.RunAsync("TorchSharp.torch.is_grad_enabled()")).Result);
        await live.RunAsync("TorchSharp.torch.set_grad_enabled(true);");
    }

    [Fact]
    public async Task Background_work_goes_on_after_the_cell()
    {
        await live.RunAsync("var seen = 0;\nasync System.Threading.Tasks.Task Later() { await System.Threading.Tasks.Task.Delay(50); seen = 1; }\n_ = Later();");
        await Task.Delay(300, CancellationToken.None);
        Assert.Equal("1", (await live.RunAsync("seen")).Result);
    }

    [Fact]
    public async Task A_second_cell_at_the_same_time_is_refused()
    {
        var first = live.TryAsync("await System.Threading.Tasks.Task.Delay(200);");
        await Assert.ThrowsAsync<InvalidOperationException>(() => live.TryAsync("1"));
        Assert.Null((await first).Error);
    }
}
