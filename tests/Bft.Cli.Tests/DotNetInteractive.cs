using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The last .NET Interactive, which .config/dotnet-tools.json names, spoken to over its standard input and output. Where it is absent tests are skipped, or fail when CI=true.</summary>
internal sealed class DotNetInteractive : IDisposable
{
    private const string Tool = "dotnet-interactive";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;

    private DotNetInteractive(Process process) => _process = process;

    /// <summary>Starts it with C# as the language of cells that name none.</summary>
    /// <param name="folder">Current folder of the cells.</param>
    public static DotNetInteractive Require(string folder)
    {
        if (!File.Exists(Path.Combine(Checkout.Root, "artifacts", "notebooks", "Bft.Libraries.dll")))
            Missing.Skip("needs artifacts/notebooks: dotnet build -c Release");
        if (CommandLine.Start(Start("--version"), "").Code != 0)
            Missing.Skip($"needs {Tool}: dotnet tool restore");
        var start = Start("stdio", "--default-kernel", "csharp", "--working-dir", folder);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var host = new DotNetInteractive(Process.Start(start)!);
        host.ReadUntil(one => (string?)one["eventType"] == "KernelReady");
        return host;
    }

    /// <summary>Runs a cell.</summary>
    public HostedCell Run(string code)
    {
        const string Token = "cell";
        _process.StandardInput.WriteLine(new JsonObject
        {
            ["token"] = Token,
            ["commandType"] = "SubmitCode",
            ["command"] = new JsonObject { ["code"] = code, ["targetKernelName"] = "csharp" },
        }.ToJsonString());
        _process.StandardInput.Flush();
        var events = ReadUntil(one => (string?)one["eventType"] is "CommandSucceeded" or "CommandFailed" && (string?)one["command"]?["token"] == Token);
        var failure = (string?)events[^1]["eventType"] == "CommandFailed" ? (string)events[^1]["event"]!["message"]! : null;
        return new HostedCell([.. events.Where(IsShown).Select(one => Bundle(one["event"]!["formattedValues"]!.AsArray()))], failure);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static ProcessStartInfo Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["tool", "run", Tool, "--", .. arguments]) { WorkingDirectory = Checkout.Root };
        start.Environment["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1";
        return start;
    }

    private List<JsonNode> ReadUntil(Func<JsonNode, bool> isLast)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var events = new List<JsonNode>();
        while (true)
        {
            var line = _process.StandardOutput.ReadLineAsync(patience.Token).AsTask().GetAwaiter().GetResult() ?? throw new EndOfStreamException($"{Tool} ended.");
            if (!line.StartsWith('{'))
                continue; // its greeting
            events.Add(JsonNode.Parse(line)!);
            if (isLast(events[^1]))
                return events;
        }
    }

    private static bool IsShown(JsonNode one) => (string?)one["eventType"] is "DisplayedValueProduced" or "ReturnValueProduced" or "StandardOutputValueProduced";

    private static Dictionary<string, string> Bundle(JsonArray formatted) => formatted.ToDictionary(value => (string)value!["mimeType"]!, value => (string)value!["value"]!);
}

/// <summary>What a cell did in another host.</summary>
/// <param name="Outputs">What it showed and printed, each in its forms.</param>
/// <param name="Failure">Why it failed; null when it succeeded.</param>
internal sealed record HostedCell(IReadOnlyList<IReadOnlyDictionary<string, string>> Outputs, string? Failure);
