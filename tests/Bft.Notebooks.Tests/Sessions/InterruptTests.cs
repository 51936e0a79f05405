using System.Diagnostics;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>A cell can be stopped, and the session is whole afterwards.</summary>
public class InterruptTests(LiveSession live)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1.5); // 20 to 60 ms alone; the machine may be busy

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("while (true) System.Threading.Thread.Sleep(5);")]
    [InlineData("await System.Threading.Tasks.Task.Delay(60000);")]
    [InlineData("await System.Threading.Tasks.Task.Delay(1); while (true) { }")]
    [InlineData("while (true) try { while (true) { } } catch (Exception) { }")]
    [InlineData("lock (new object()) while (true) { }")]
    [InlineData("#!fsharp\nwhile true do ()")]
    [InlineData("#!fsharp\nlet rec f n = if n < 0 then n else f (n ^^^ 1)\nf 1")]
    [InlineData("using TorchSharp;\nvar w = torch.zeros(4);\nfor (var i = 0; i < 100000000; i++) { using var g = w * 2; w.add_(g); }")]
    public async Task Stops_soon_and_keeps_variables(string endless)
    {
        await live.RunAsync("#r \"Bft.Research\"\nvar kept = 17;");
        await live.RunAsync("#!fsharp\nlet keptToo = 18");
        for (var round = 0; round < 2; round++)
        {
            using var interrupt = new CancellationTokenSource();
            var cell = live.TryAsync(endless, interrupt.Token);
            await Task.Delay(400, CancellationToken.None); // compile and reach the loop
            Assert.False(cell.IsCompleted);
            var watch = Stopwatch.StartNew();
            await interrupt.CancelAsync();
            var sink = await cell.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            Assert.True(watch.Elapsed < s_soon, $"took {watch.Elapsed}");
            Assert.Equal(CellError.Interrupted, sink.Error?.Name);
        }

        Assert.Equal("17", (await live.RunAsync("kept")).Result);
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
