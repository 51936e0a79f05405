using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>bft inspect --json</c>: numbers that are right, under the names that docs/inspect.md gives.</summary>
public sealed partial class InspectJsonTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private static readonly string s_documented = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "inspect.md"));
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_a_run_its_checkpoint_and_its_adapter()
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53."}""");
        Assert.Equal(0, (await CommandLine.RunAsync(
            "train", "--model", s_model, "--data", _folder["rows.jsonl"], "--output", _folder["run"], "--dtype", "float32", "--max-steps", "2", "--lr", "1e-2", "--accumulation", "1", "--lora-r", "3")).Code);
        var config = CausalLmConfig.Read(s_model);

        var model = await Inspect("model", s_model);
        Assert.Equal((config.ParameterCount, config.Layers, true), (model["parameters"]!["total"]!.GetValue<long>(), model["layers"]!.GetValue<int>(), model["tiedHead"]!.GetValue<bool>()));
        Assert.Equal(config.ParameterCount, model["stored"]!.AsArray().Sum(type => type!["values"]!.GetValue<long>()));
        Assert.Equal(model["parameters"]!["total"]!.GetValue<long>(), model["parameters"]!.AsObject().Where(part => part.Key != "total").Sum(part => part.Value!.GetValue<long>()));

        var run = await Inspect("run", _folder["run"]);
        Assert.Equal((2, 2, 3, "BftV3"), (run["step"]!.GetValue<int>(), run["plannedSteps"]!.GetValue<int>(), run["loraRank"]!.GetValue<int>(), run["objective"]!.GetValue<string>()));
        var adapter = await Inspect("adapter", run["result"]!.GetValue<string>());
        Assert.Equal((3, 28, 0), (adapter["rank"]!.GetValue<int>(), adapter["layers"]!.GetValue<int>(), adapter["idleLayers"]!.GetValue<int>()));
        var checkpoint = await Inspect("checkpoint", Directory.GetDirectories(Path.Combine(_folder["run"], "checkpoints")).Single());
        Assert.Equal((2, 2), (checkpoint["step"]!.GetValue<int>(), checkpoint["plannedSteps"]!.GetValue<int>()));
    }

    [Fact]
    public void Rows_go_to_standard_output_as_one_object_with_tokens_that_give_the_text()
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Name a gene.", "output": "TP53"}""" + "\nnonsense\n");
        var outcome = CommandLine.Start(_folder.Path, "inspect", "rows", "--model", s_model, "--data", "rows.jsonl", "--json");
        Assert.Equal(Verb.Failure, outcome.Code);
        var file = JsonNode.Parse(outcome.Output)!["files"]!.AsArray().Single()!;
        Documented(file);
        Assert.Equal((true, 1, "brokenJson"), (file["refused"]!.GetValue<bool>(), file["rows"]!.GetValue<int>(), file["problems"]![0]!["problem"]!.GetValue<string>()));
        var tokens = file["shown"]![0]!["tokens"]!.AsArray();
        Assert.Contains("Name a gene.", string.Concat(tokens.Select(token => token!["piece"]!.GetValue<string>())), StringComparison.Ordinal);
        Assert.Equal(file["taught"]!.GetValue<int>(), tokens.Count(token => token!["part"]!.GetValue<string>() is "taught" or "end"));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Documented(new JsonObject { ["zebra"] = 1 })); // the wrong variant: a name that is not documented
    }

    private async Task<JsonNode> Inspect(string kind, string path)
    {
        Assert.Equal(0, (await CommandLine.RunAsync("inspect", "model", path, "--json", _folder["out.json"])).Code);
        var report = JsonNode.Parse(File.ReadAllText(_folder["out.json"]))!;
        Assert.Equal(kind, report["kind"]!.GetValue<string>());
        Documented(report);
        return report["values"]!;
    }

    private static void Documented(JsonNode? node)
    {
        if (node is JsonArray items)
            foreach (var item in items)
                Documented(item);
        if (node is not JsonObject fields)
            return;
        string[] names = [.. Name().Matches(s_documented).Select(match => match.Groups[1].Value)];
        foreach (var (name, value) in fields)
        {
            Assert.Contains(name, names);
            Documented(value);
        }
    }

    [GeneratedRegex("`([a-zA-Z0-9]+)`")]
    private static partial Regex Name();
}
