using System.Text.Json.Nodes;
using NetMQ;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>Everything that a front end asks besides running cells.</summary>
public class CodeRequestTests(LiveKernel live)
{
    private readonly KernelClient _client = live.Client;

    [Fact]
    public void The_kernel_says_what_it_is()
    {
        foreach (var channel in new[] { _client.Shell, _client.Control })
        {
            var info = _client.Ask(channel, "kernel_info_request", []);
            Assert.Equal(("kernel_info_reply", "5.3", "C#"),
                (info.Reply.Type, (string?)info.Reply.Content["protocol_version"], (string?)info.Reply.Content["language_info"]?["name"]));
            Assert.Equal(["busy", "idle"], info.Outputs.Select(output => (string?)output.Content["execution_state"]));
        }
    }

    [Theory]
    [InlineData("1 + 1", "complete")]
    [InlineData("#r \"Bft.Research\"", "complete")]
    [InlineData("if (true) {", "incomplete")]
    [InlineData("#!csharp\nint F(", "incomplete")]
    [InlineData("int = 5 5;", "invalid")]
    [InlineData("#!nonsense", "invalid")]
    [InlineData("#!fsharp\nlet f x =", "incomplete")]
    [InlineData("#!fsharp\nlet f x =\n    x + 1", "incomplete")]
    [InlineData("#!fsharp\nlet f x =\n    x + 1\n", "complete")]
    [InlineData("#!fsharp\nlet y = [1; 2", "incomplete")]
    [InlineData("#!fsharp\nlet y = \"open", "incomplete")]
    [InlineData("#!fsharp\nlet z = 5", "complete")]
    [InlineData("#!fsharp\nlet = = 5\nlet q = 1", "invalid")]
    [InlineData("#!markdown\n{", "complete")]
    public void A_console_learns_whether_to_run(string code, string expected) =>
        Assert.Equal(expected, _client.Ask(_client.Shell, "is_complete_request", new JsonObject { ["code"] = code }).Reply.Status);

    [Fact]
    public void Names_are_completed_also_behind_characters_of_two_units()
    {
        _client.Run("var completable = new List<int>();");
        var code = "/*😀*/ completable.Ad";
        var reply = At("complete_request", code, code.Length - 1).Content; // the protocol counts code points
        var matches = reply["matches"]!.AsArray().Select(match => (string)match!).ToList();
        Assert.Contains("AddRange", matches);
        Assert.All(matches, match => Assert.StartsWith("ad", match, StringComparison.OrdinalIgnoreCase));
        Assert.Equal((18, 20), ((int)reply["cursor_start"]!, (int)reply["cursor_end"]!));
        Assert.Contains("completable", At("complete_request", "#!time\nvar z = 1;\ncompl", 24).Content["matches"]!.ToJsonString());
        Assert.Empty(At("complete_request", "#!ti", 4).Content["matches"]!.AsArray());
    }

    [Fact]
    public void Names_of_FSharp_are_completed_and_explained()
    {
        _client.Run("#!fsharp\nlet completableList = [ 1; 2 ]\n/// Adds one.\nlet addOne (x: int) = x + 1");
        const string Code = "#!fsharp\nlet local = completableList.Le";
        var reply = At("complete_request", Code, Code.Length).Content;
        Assert.Equal("""["Length"]""", reply["matches"]!.ToJsonString());
        Assert.Equal((Code.Length - 2, Code.Length), ((int)reply["cursor_start"]!, (int)reply["cursor_end"]!));
        Assert.Contains("completableList", At("complete_request", "#!fsharp\nlet mine = 1\ncomplet", 28).Content["matches"]!.ToJsonString());
        Assert.Contains("Seq.filter".Split('.')[1], At("complete_request", "#!fsharp\nSeq.fil", 16).Content["matches"]!.ToJsonString());
        var found = At("inspect_request", "#!fsharp\naddOne 4", 12).Content;
        Assert.True((bool)found["found"]!);
        Assert.Contains("x: int -> int", (string?)found["data"]?["text/plain"]);
        Assert.False((bool)At("inspect_request", "#!fsharp\n  ", 10).Content["found"]!);
    }

    [Fact]
    public void A_name_is_explained()
    {
        var found = At("inspect_request", "Math.Abs(5)", 6).Content;
        Assert.True((bool)found["found"]!);
        Assert.Contains("Math.Abs", (string?)found["data"]?["text/plain"]);
        Assert.False((bool)At("inspect_request", "   ", 1).Content["found"]!);
    }

    [Fact]
    public void History_has_the_cells_of_this_session()
    {
        _client.Run("var historic = 1;");
        _client.Run("var historic = 2;");
        Assert.Equal(["var historic = 1;", "var historic = 2;"], History("tail", ("n", 2)));
        Assert.Equal(["var historic = 2;"], History("search", ("pattern", "*historic*"), ("n", 1)));
        Assert.Equal("error", _client.Ask(_client.Shell, "history_request", new JsonObject { ["hist_access_type"] = "all" }).Reply.Status);
    }

    [Fact]
    public void Comms_are_none()
    {
        Assert.Empty(_client.Ask(_client.Shell, "comm_info_request", []).Reply.Content["comms"]!.AsObject());
        var id = _client.Send(_client.Shell, "comm_open", new JsonObject { ["comm_id"] = "c", ["target_name"] = "t" });
        Assert.Equal("c", (string?)_client.Outputs(id, "idle").Single(output => output.Type == "comm_close").Content["comm_id"]);
    }

    [Fact]
    public void The_heart_beats_while_a_cell_runs()
    {
        var id = _client.Start("System.Threading.Thread.Sleep(300);");
        _client.Heartbeat.SendFrame("ping");
        Assert.True(_client.Heartbeat.TryReceiveFrameString(TimeSpan.FromSeconds(10), out var pong));
        Assert.Equal("ping", pong);
        _client.Finish(_client.Shell, id);
    }

    private KernelMessage At(string type, string code, int position) =>
        _client.Ask(_client.Shell, type, new JsonObject { ["code"] = code, ["cursor_pos"] = position, ["detail_level"] = 0 }).Reply;

    private IEnumerable<string> History(string kind, params (string Name, JsonNode Value)[] arguments)
    {
        var content = new JsonObject { ["hist_access_type"] = kind, ["output"] = false, ["raw"] = true };
        foreach (var (name, value) in arguments)
            content[name] = value;
        return _client.Ask(_client.Shell, "history_request", content).Reply.Content["history"]!.AsArray().Select(entry => (string)entry![2]!);
    }
}
