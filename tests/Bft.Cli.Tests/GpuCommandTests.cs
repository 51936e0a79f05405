using System.Text.Json;
using Bft.Research.Devices;

namespace Bft.Cli.Tests;

/// <summary><c>bft gpu</c> as a user runs it, on whatever machine this is.</summary>
public class GpuCommandTests
{
    [Fact]
    public void Json_holds_findings_and_proofs_and_the_exit_code()
    {
        var outcome = CommandLine.Start(AppContext.BaseDirectory, "gpu", "--json", "--threads", "1");
        using var json = JsonDocument.Parse(outcome.Output);
        var root = json.RootElement;
        Assert.Equal(
            ["hasGpu", "findings", "cards", "libtorch", "device", "deviceReason", "dtype", "dtypeReason", "threads", "threadsReason", "proofs", "rates", "exitCode"],
            root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(root.GetProperty("exitCode").GetInt32(), outcome.Code);
        Assert.Equal(root.GetProperty("hasGpu").GetBoolean() ? Verb.Success : Verb.NoGpu, outcome.Code);
        Assert.Equal(LibtorchBuild.Loaded().CudaDevices > 0, root.GetProperty("hasGpu").GetBoolean());
        Assert.All(root.GetProperty("proofs").EnumerateArray(), proof => Assert.True(proof.GetProperty("passed").GetBoolean()));
        Assert.Equal(4, root.GetProperty("proofs").GetArrayLength());
        Assert.All(root.GetProperty("findings").EnumerateArray(), f => Assert.Contains(f.GetProperty("state").GetString(), new[] { "good", "note", "missing" }));
    }

    [Fact]
    public void Text_ends_with_a_verdict_and_the_cpu_can_be_asked_for()
    {
        var outcome = CommandLine.Start(AppContext.BaseDirectory, "gpu", "--device", "cpu", "--threads", "1");
        Assert.Equal(Verb.Success, outcome.Code); // what was asked for works
        Assert.Contains("libtorch", outcome.Output);
        Assert.Contains("Chosen: cpu (asked for)", outcome.Output);
        Assert.Contains("passed  BFT step against float64 on the CPU", outcome.Output);
        Assert.EndsWith("cpu computes what it should.\n", outcome.Output);
    }

    [Fact]
    public async Task Wrong_options_are_errors()
    {
        (await CommandLine.RunAsync("gpu", "--device", "cuda:99", "--json", "x.json")).IsOneClearError("bft gpu", "cuda:99", "is not there");
        (await CommandLine.RunAsync("gpu", "--device", "gpu", "--json", "x.json")).IsOneClearError("bft gpu", "expected auto, cpu, cuda or cuda:N");
        (await CommandLine.RunAsync("gpu", "--threads", "0", "--json", "x.json")).IsOneClearError("bft gpu", "Threads", "above 0");
        Assert.False(File.Exists("x.json"));
    }
}
