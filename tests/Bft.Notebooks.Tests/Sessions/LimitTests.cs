using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>A cell cannot fill the memory of those who read it, nor end the session from another thread.</summary>
public class LimitTests(LiveSession live)
{
    [Fact]
    public void Text_is_cut_at_the_limit_and_said_once()
    {
        var (sink, inner) = Limited(new OutputLimits { Text = 10 });
        foreach (var text in new[] { "12345", "67890", "", "x", "y" })
            sink.Receive(new StreamOutput(false, text));
        Assert.Equal("1234567890", inner.StandardOutput);
        Assert.Equal("\nThe cell has printed 10 characters; what follows is dropped.\n", inner.StandardError);
        (sink, inner) = Limited(new OutputLimits { Text = 3 });
        sink.Receive(new StreamOutput(false, "12345"));
        Assert.Equal("123", inner.StandardOutput);
        Assert.Contains("dropped", inner.StandardError);
    }

    [Fact]
    public void Displays_are_counted_and_updates_are_weighed()
    {
        var (sink, inner) = Limited(new OutputLimits { Outputs = 2, Data = 100 });
        for (var i = 0; i < 5; i++)
            sink.Receive(new DisplayOutput(DisplayBundle.Text("text/plain", "0123456789"), $"{i}"));
        Assert.Equal(2, inner.Outputs.OfType<DisplayOutput>().Count());
        for (var i = 0; i < 20; i++)
            sink.Receive(new UpdateOutput(DisplayBundle.Text("text/plain", "0123456789"), "0"));
        Assert.Equal(5, inner.Outputs.OfType<UpdateOutput>().Count());
        Assert.Equal(["The cell has shown 2 outputs; what follows is dropped.", "The cell has shown 100 characters of data; what follows is dropped."],
            inner.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        sink.Receive(new ErrorOutput(new CellError("E", "m", [], null)));
        Assert.NotNull(inner.Error);
    }

    [Fact]
    public async Task A_loop_of_prints_does_not_grow_the_heap()
    {
        var sink = await live.RunAsync("var before = GC.GetTotalMemory(true);\nfor (var i = 0; i < 300_000; i++) Console.WriteLine(\"0123456789\");\nvar grown = GC.GetTotalMemory(true) - before;\ngrown");
        Assert.Equal(3_300_000, sink.StandardOutput.Length);
        // The sink of this test keeps an object of about 100 bytes for each line; the package kept an event of ten times that.
        Assert.InRange(long.Parse(sink.Result!, System.Globalization.CultureInfo.InvariantCulture), -10_000_000, 60_000_000);
    }

    [Fact]
    public async Task An_exception_on_another_thread_fails_the_cell_and_not_the_process()
    {
        var sink = await live.TryAsync("var dying = new System.Threading.Thread(() => throw new InvalidOperationException(\"far away\"));\ndying.Start();\ndying.Join();\nSystem.Threading.Thread.Sleep(50);");
        Assert.Equal(("System.InvalidOperationException", "far away"), (sink.Error?.Name, sink.Error?.Message));
        Assert.Contains("on a thread that a cell started", sink.Error!.Trace);
        Assert.Equal("2", (await live.RunAsync("1 + 1")).Result);
    }

    private static (LimitedSink Sink, RecordingSink Inner) Limited(OutputLimits limits)
    {
        var inner = new RecordingSink();
        return (new LimitedSink(inner, limits), inner);
    }
}
