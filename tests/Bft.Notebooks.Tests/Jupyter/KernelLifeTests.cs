using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Notebooks.Jupyter;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>How a kernel ends and what it refuses to start with.</summary>
public class KernelLifeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Shutdown_is_answered_while_a_cell_runs_and_ends_the_kernel()
    {
        var connection = LiveKernel.Connect();
        using var host = new KernelHost(connection, Options(null), TimeProvider.System);
        var running = host.RunAsync(CancellationToken.None);
        using var client = new KernelClient(connection);
        client.Start("while (true) System.Threading.Thread.Sleep(10);");
        Thread.Sleep(300);
        Assert.False(running.IsCompleted);
        client.Send(client.Control, "shutdown_request", new JsonObject { ["restart"] = true });
        var reply = client.Receive(client.Control);
        Assert.Equal(("shutdown_reply", true), (reply.Type, (bool)reply.Content["restart"]!));
        await running.WaitAsync(s_limit);
    }

    [Fact]
    public async Task The_end_of_the_parent_ends_the_kernel()
    {
        using var parent = Process.Start("sleep", "60");
        using var host = new KernelHost(LiveKernel.Connect(), Options(parent.Id), TimeProvider.System);
        var running = host.RunAsync(CancellationToken.None);
        await Task.Delay(300);
        Assert.False(running.IsCompleted);
        parent.Kill();
        await running.WaitAsync(s_limit);
    }

    [Fact]
    public void A_port_that_is_taken_is_said()
    {
        var connection = LiveKernel.Connect();
        using var first = new RouterChannel(connection.Endpoint(connection.Stdin), (_, _) => { });
        Assert.Contains($"{connection.Stdin}", Assert.Throws<IOException>(() => new KernelHost(connection, Options(null), TimeProvider.System)).Message);
    }

    [Fact]
    public void A_connection_file_is_read()
    {
        var file = ConnectionFile.Parse(Connection("127.0.0.1", "k"), "c.json");
        Assert.Equal(new ConnectionFile("127.0.0.1", 1, 2, 3, 4, 5, "k"), file);
        Assert.Equal("127.0.0.1", ConnectionFile.Parse(Connection("localhost", "k"), "c.json").Address);
    }

    [Theory]
    [InlineData("0.0.0.0", "k", "ip:")]
    [InlineData("192.168.1.5", "k", "ip:")]
    [InlineData("*", "k", "ip:")]
    [InlineData("127.0.0.1", "", "key:")]
    public void Another_address_or_no_key_is_refused(string ip, string key, string field) =>
        Assert.Contains(field, Assert.Throws<ConnectionFileException>(() => ConnectionFile.Parse(Connection(ip, key), "c.json")).Message);

    [Fact]
    public void All_problems_of_a_connection_file_are_told_at_once()
    {
        var message = Assert.Throws<ConnectionFileException>(() => ConnectionFile.Parse("""{"transport":"ipc","signature_scheme":"hmac-md5","shell_port":0}""", "c.json")).Message;
        Assert.All(["c.json", "transport", "signature_scheme", "ip", "key", "shell_port", "hb_port"], field => Assert.Contains(field, message));
        Assert.Throws<ConnectionFileException>(() => ConnectionFile.Parse("no json", "c.json"));
    }

    [Fact]
    public void An_entry_says_how_the_kernel_is_started_and_whose_it_is()
    {
        using var folder = new TemporaryFolder();
        var spec = new KernelSpec(folder.Path, KernelSpec.FSharpName);
        Assert.Equal((null, false), (spec.Occupant, spec.IsOurs));
        var written = JsonNode.Parse(File.ReadAllText(spec.Install("fsharp", ["/opt/bft", "notebook", "kernel"])))!;
        Assert.Equal(["/opt/bft", "notebook", "kernel", "--language", "fsharp", "{connection_file}"], written["argv"]!.AsArray().Select(part => (string)part!));
        Assert.Equal(("message", "F#", ".NET (F#)"), ((string?)written["interrupt_mode"], (string?)written["language"], (string?)written["display_name"]));
        Assert.Equal("0", (string?)written["env"]!["DOTNET_TieredPGO"]);
        Assert.Equal((".NET (F#)", true), (spec.Occupant, spec.IsOurs));
        spec.Uninstall();
        Assert.Null(spec.Occupant);
        Assert.Throws<ArgumentException>(() => new KernelSpec(folder.Path, "../up"));
    }

    [Theory]
    [InlineData("""{"display_name":"Another (C#)","argv":["dotnet","interactive"]}""", "Another (C#)")]
    [InlineData("not json", "kernels")]
    public void A_kernel_of_others_is_known_as_such(string json, string occupant)
    {
        using var folder = new TemporaryFolder();
        var spec = new KernelSpec(folder.Path, "Other");
        Directory.CreateDirectory(Path.Combine(folder.Path, "kernels", "other"));
        File.WriteAllText(Path.Combine(folder.Path, "kernels", "other", "kernel.json"), json);
        Assert.Contains(occupant, spec.Occupant);
        Assert.False(spec.IsOurs);
    }

    private static KernelOptions Options(int? parent) => new() { WorkingFolder = AppContext.BaseDirectory, ParentProcess = parent };

    private static string Connection(string ip, string key) => new JsonObject
    {
        ["ip"] = ip,
        ["key"] = key,
        ["transport"] = "tcp",
        ["signature_scheme"] = "hmac-sha256",
        ["shell_port"] = 1,
        ["control_port"] = 2,
        ["iopub_port"] = 3,
        ["stdin_port"] = 4,
        ["hb_port"] = 5,
    }.ToJsonString();

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("bft-kernel").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
