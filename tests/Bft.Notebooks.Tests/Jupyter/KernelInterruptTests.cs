using System.Diagnostics;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>The stop button.</summary>
public class KernelInterruptTests(LiveKernel live)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1.5); // below 100 ms alone; the machine may be busy
    private readonly KernelClient _client = live.Client;

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("await System.Threading.Tasks.Task.Delay(60000);")]
    [InlineData("Console.ReadLine();")]
    public void Stops_the_cell_and_those_behind_it(string endless)
    {
        _client.Run("var kept = 17;");
        var id = _client.Start(endless, allowStdin: true);
        var behind = _client.Start("kept = 0;");
        Thread.Sleep(400);
        if (endless.Contains("ReadLine"))
            _client.Receive(_client.Stdin);
        Assert.False(_client.Shell.HasIn, "the cell had ended");
        var watch = Stopwatch.StartNew();
        var sent = _client.Send(_client.Control, "interrupt_request", []);
        Assert.Equal(sent, _client.Receive(_client.Control).Parent);
        var run = _client.Finish(_client.Shell, id);
        Assert.True(watch.Elapsed < s_soon, $"took {watch.Elapsed}");
        Assert.Equal(("error", "Interrupted"), (run.Reply.Status, (string?)run.Reply.Content["ename"]));
        Assert.Equal("aborted", _client.Finish(_client.Shell, behind).Reply.Status);
        Assert.Equal("17", _client.Run("kept").Result);
    }

    [Fact]
    public void An_endless_print_is_gathered_and_stops()
    {
        var id = _client.Start("while (true) Console.WriteLine(\"again\");");
        Thread.Sleep(1000);
        _client.Send(_client.Control, "interrupt_request", []);
        _client.Receive(_client.Control);
        var run = _client.Finish(_client.Shell, id);
        Assert.Equal("Interrupted", (string?)run.Reply.Content["ename"]);
        var lines = run.Text().Count(c => c == '\n');
        Assert.True(lines > 500 && run.Of("stream").Count() < lines / 10, $"{lines} lines in {run.Of("stream").Count()} messages");
        Assert.Equal("2", _client.Run("1 + 1").Result);
    }

    [Fact]
    public void Without_a_running_cell_it_stops_no_later_one()
    {
        var quiet = _client.Ask(_client.Control, "interrupt_request", []);
        Assert.Equal(["busy", "idle"], quiet.Outputs.Select(output => (string?)output.Content["execution_state"]));
        Assert.Equal("ok", _client.Run("System.Threading.Thread.Sleep(100);").Reply.Status);
    }

    [Fact]
    public void An_interrupt_that_a_later_cell_has_overtaken_does_not_stop_that_cell()
    {
        var id = _client.Start("System.Threading.Thread.Sleep(700);");
        Thread.Sleep(200);
        _client.Send(_client.Control, "interrupt_request", [], "2025-12-31T23:59:59.999Z"); // asked before the cell was sent
        _client.Receive(_client.Control);
        Assert.Equal("ok", _client.Finish(_client.Shell, id).Reply.Status);
    }
}
