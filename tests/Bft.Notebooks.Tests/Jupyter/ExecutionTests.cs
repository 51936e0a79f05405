using System.Text.Json.Nodes;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>Cells that a front end sends.</summary>
public class ExecutionTests(LiveKernel live)
{
    private readonly KernelClient _client = live.Client;

    [Fact]
    public void A_cell_gives_its_input_streams_and_result_in_order()
    {
        var run = _client.Run("Console.Write(\"a\");\nConsole.Error.Write(\"b\");\nConsole.Write(\"ü😀\");\n40 + 2");
        Assert.Equal(["status", "execute_input", "stream", "stream", "stream", "execute_result", "status"], run.Outputs.Select(output => output.Type));
        Assert.Equal(("aü😀", "b", "42"), (run.Text(), run.Text("stderr"), run.Result));
        Assert.Equal("ok", run.Reply.Status);
        var count = (int)run.Reply.Content["execution_count"]!;
        Assert.Equal(count, (int)run.Of("execute_result").Single().Content["execution_count"]!);
        Assert.Equal(count + 1, (int)_client.Run("1").Reply.Content["execution_count"]!);
    }

    [Fact]
    public void A_silent_cell_shows_nothing_and_does_not_count()
    {
        var before = (int)_client.Run("1").Reply.Content["execution_count"]!;
        Assert.Equal(["status", "status"], _client.Run("Console.Write(1);\nvar quiet = 8; 5", silent: true).Outputs.Select(output => output.Type));
        var after = _client.Run("quiet");
        Assert.Equal(("8", before + 1), (after.Result, (int)after.Reply.Content["execution_count"]!));
    }

    [Fact]
    public void An_error_names_cell_and_line()
    {
        var run = _client.Run("var a = 1;\nthrow new InvalidOperationException(\"no\");");
        var number = (int)run.Reply.Content["execution_count"]!;
        Assert.Equal(("error", "System.InvalidOperationException", "no"), (run.Reply.Status, (string?)run.Reply.Content["ename"], (string?)run.Reply.Content["evalue"]));
        Assert.Contains($"cell {number}, line 2", run.Of("error").Single().Content["traceback"]!.ToJsonString());
        Assert.Equal("CompilationError", (string?)_client.Run("int x = ;").Reply.Content["ename"]);
        Assert.Equal("1", _client.Run("a").Result);
    }

    [Fact]
    public void Cells_waiting_behind_a_failure_are_aborted()
    {
        string[] ids = [_client.Start("System.Threading.Thread.Sleep(300);\nthrow new Exception();"), _client.Start("var never = 1;"), _client.Start("var neither = 1;")];
        Assert.Equal(["error", "aborted", "aborted"], ids.Select(id => _client.Finish(_client.Shell, id).Reply.Status));
        Assert.Equal("error", _client.Run("never").Reply.Status);
        ids = [_client.Start("System.Threading.Thread.Sleep(300);\nthrow new Exception();", stopOnError: false), _client.Start("1")];
        Assert.Equal(["error", "ok"], ids.Select(id => _client.Finish(_client.Shell, id).Reply.Status));
    }

    [Fact]
    public void An_update_reaches_the_display_of_an_earlier_cell()
    {
        var shown = _client.Run("var shown = display(\"a\");").Of("display_data").Single();
        var update = _client.Run("shown.Update(\"b\");").Of("update_display_data").Single();
        var id = (string?)shown.Content["transient"]?["display_id"];
        Assert.False(string.IsNullOrEmpty(id));
        Assert.Equal((id, "b"), ((string?)update.Content["transient"]?["display_id"], (string?)update.Content["data"]?["text/plain"]));
    }

    [Fact]
    public void Text_comes_while_the_cell_runs()
    {
        var id = _client.Start("Console.WriteLine(\"first\");\nSystem.Threading.Thread.Sleep(1500);\nConsole.WriteLine(\"second\");");
        KernelMessage message;
        do
            message = _client.Receive(_client.Published);
        while (message.Type != "stream");
        Assert.Equal("first\n", (string?)message.Content["text"]);
        Assert.False(_client.Shell.HasIn, "the cell had ended");
        do
            message = _client.Receive(_client.Published);
        while (message.Type != "status");
        Assert.Equal(id, _client.Receive(_client.Shell).Parent);
    }

    [Fact]
    public void A_cell_asks_for_input()
    {
        var id = _client.Start("Console.Write(Console.ReadLine() + await GetInputAsync(\"age\"));", allowStdin: true);
        foreach (var (prompt, answer) in new[] { ("", "Ada"), ("age", "7") })
        {
            var question = _client.Receive(_client.Stdin);
            Assert.Equal(("input_request", id, prompt), (question.Type, question.Parent, (string?)question.Content["prompt"]));
            _client.Send(_client.Stdin, "input_reply", new JsonObject { ["value"] = answer });
        }

        Assert.Equal("Ada7", _client.Finish(_client.Shell, id).Text());
        Assert.Contains("cannot ask for input", (string?)_client.Run("await GetInputAsync(\"x\")").Reply.Content["evalue"]);
    }

    [Fact]
    public void Much_text_arrives_whole_and_too_much_is_cut()
    {
        var much = _client.Run("Console.Write(new string('x', 2_500_000)); Console.Write(new string('y', 2_500_000));").Text();
        Assert.Equal((5_000_000, 'x', 'y'), (much.Length, much[0], much[^1]));
        var cut = _client.Run("for (var i = 0; i < 9; i++) Console.Write(new string('z', 1_000_000));");
        Assert.Equal(LiveKernel.LongestText, cut.Text().Length);
        Assert.Contains("what follows is dropped", cut.Text("stderr"));
    }

    [Theory]
    [InlineData("Console.Write(new string('x', 50_000_000));", "printed 8,000,000 characters")]
    [InlineData("for (var i = 0; i < 1_000_000; i++) Console.WriteLine(\"0123456789012345678901234567890123456789012345678\");", "printed 8,000,000 characters")]
    [InlineData("#!fsharp\nfor i in 1 .. 200_000 do printfn \"%049d\" i", "printed 8,000,000 characters")]
    [InlineData("display(new string('x', 70_000_000));", "shown 64,000,000 characters of data")]
    [InlineData("for (var i = 0; i < 3_000; i++) display(i);", "shown 2,000 outputs")]
    [InlineData("#!fsharp\n[ 1 .. 5_000_000 ]", "")]
    [InlineData("Enumerable.Range(0, 10_000_000).ToArray()", "")]
    public void Fifty_megabytes_are_cut_and_it_is_said(string code, string said)
    {
        var run = _client.Run(code);
        Assert.Equal("ok", run.Reply.Status);
        Assert.Contains(said, run.Text("stderr"));
        Assert.InRange(run.Text().Length, 0, LiveKernel.LongestText);
        Assert.InRange(run.Outputs.Count, 3, 2200);
        Assert.All(run.Of("execute_result"), result => Assert.InRange(result.Content.ToJsonString().Length, 1, 100_000));
        Assert.Equal("2", _client.Run("1 + 1").Result);
    }

    [Fact]
    public void User_expressions_are_refused_clearly()
    {
        var reply = _client.Ask(_client.Shell, "execute_request", new JsonObject { ["code"] = "1", ["user_expressions"] = new JsonObject { ["e"] = "2" } }).Reply;
        Assert.Equal(("ok", "NotSupported"), (reply.Status, (string?)reply.Content["user_expressions"]?["e"]?["ename"]));
    }
}
