using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Rows, options, notebooks and reference cases that are not what they have to be.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini");
    private readonly ScratchFolder _folder = new();

    private string Output => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "rows.jsonl:1", "empty file")]
    [InlineData("\n\n", "rows.jsonl:1", "white space")]
    [InlineData("[]", "rows.jsonl:1", "empty array")]
    [InlineData("GOOD\n{\"instruction\": \"a\"", "rows.jsonl:2", "one JSON object")]
    [InlineData("GOOD\n\nGOOD", "rows.jsonl:2", "empty line")]
    [InlineData("GOOD\n{\"instruction\": \"a\"}", "rows.jsonl:2", "output: expected", "actual")]
    [InlineData("GOOD\n{\"instruction\": \"a\", \"output\": \" \"}", "rows.jsonl:2", "output: expected text of the assistant", "white space")]
    [InlineData("GOOD\n{\"instruction\": \"a\", \"output\": 3}", "rows.jsonl:2", "output: expected")]
    [InlineData("[GOOD,\n{\"instruction\": \"a\"}]", "rows.jsonl:2", "output: expected")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}", "rows.jsonl:1", "messages", "assistant")]
    [InlineData("{\"messages\": [{\"role\": \"user\"}]}", "rows.jsonl:1", "messages[0].content")]
    [InlineData("{\"messages\": [{\"role\": \"zebra\", \"content\": \"a\"}]}", "rows.jsonl:1", "messages[0].role", "zebra")]
    [InlineData("{\"prompt\": \"a\"}", "rows.jsonl:1", "expected messages or conversations, or instruction and output", "prompt")]
    public async Task A_row_that_cannot_be_used(string rows, params string[] named)
    {
        File.WriteAllText(_folder["rows.jsonl"], rows.Replace("GOOD", """{"instruction": "a", "output": "b"}""", StringComparison.Ordinal));
        await TrainRefuses(named);
    }

    [Fact]
    public async Task A_row_that_is_too_long_is_refused_or_left_out_and_counted()
    {
        File.WriteAllText(_folder["rows.jsonl"], $$"""{"instruction": "{{new string('x', 5000)}}", "output": "b"}""");
        await TrainRefuses(["rows.jsonl", "64", "tokens"], "--cutoff", "64");
        await TrainRefuses(["rows.jsonl", "nothing to train on"], "--cutoff", "64", "--skip-bad-rows");
    }

    [Fact]
    public async Task A_data_file_that_is_not_there() => await TrainRefuses(["rows.jsonl"]);

    [Theory]
    [InlineData("""{"objective": {"confidencWindw": 3}}""", "options.json:1: trainer.objective.confidencWindw: there is no such option; the nearest is 'confidenceWindow'")]
    [InlineData("{\n\"learningrat\": 0.1}", "options.json:2: learningrat: there is no such option; the nearest is 'learningRate'")]
    [InlineData("""{"optimizer": {"betta1": 0.1}}""", "trainer.optimizer.betta1", "'beta1'")]
    [InlineData("""{"epochs": "many"}""", "options.json:1: epochs: expected a whole number, actual 'many'")]
    [InlineData("""{"objective": {"kind": "Zebra"}}""", "options.json:1: trainer.objective.kind: expected one of Sft, Dft", "actual 'Zebra'")]
    [InlineData("""{"epochs": -3, "learningRate": -1}""", "options.json:1: Trainer.Epochs: expected", "options.json:1: Trainer.LearningRate: expected")]
    [InlineData("not json", "options.json:1")]
    public async Task Options_that_cannot_be_used(string json, params string[] named)
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "a", "output": "b"}""");
        File.WriteAllText(_folder["options.json"], json);
        await TrainRefuses(named, "--config", _folder["options.json"]);
    }

    [Theory]
    [InlineData("--objective", "zebra", "--objective", "zebra")]
    [InlineData("--dtype", "int8", "--dtype", "auto, bfloat16, float32 or float64", "'int8'")]
    [InlineData("--device", "tpu", "device", "cpu", "'tpu'")]
    [InlineData("--device", "cuda:99", "device", "cuda:99")]
    [InlineData("--lora-targets", "query_proj", "query_proj")]
    public async Task An_option_with_a_value_that_does_not_exist(string option, string value, params string[] named)
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "a", "output": "b"}""");
        await TrainRefuses(named, option, value);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"nbformat": 4}""")]
    [InlineData("""{"cells": [{"cell_type": "zebra", "source": ""}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}""")]
    public async Task A_file_that_is_no_notebook(string text)
    {
        File.WriteAllText(_folder["a.ipynb"], text);
        (await CommandLine.RunAsync("notebook", "run", _folder["a.ipynb"], "--out", _folder["b.ipynb"])).IsOneClearError("a.ipynb");
        (await CommandLine.RunAsync("reproduce", "--folder", _folder.Path, "--out", Output)).IsOneClearError("a.ipynb");
        Assert.Equal(["a.ipynb"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(text, File.ReadAllText(_folder["a.ipynb"]));
    }

    [Fact]
    public async Task A_notebook_or_parameter_that_does_not_exist()
    {
        (await CommandLine.RunAsync("notebook", "run", _folder["a.ipynb"])).IsOneClearError("a.ipynb");
        (await CommandLine.RunAsync("notebook", "check", _folder["a.ipynb"])).IsOneClearError("a.ipynb");
        (await CommandLine.RunAsync("reproduce", "--folder", _folder["none"])).IsOneClearError("none");
        var first = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "notebooks"), "*.ipynb").Order(StringComparer.Ordinal).First();
        (await CommandLine.RunAsync("notebook", "run", first, "-p", "zebra=1", "--out", Output)).IsOneClearError("zebra");
        (await CommandLine.RunAsync("notebook", "run", first, "-p", "zebra", "--out", Output)).IsOneClearError("-p zebra");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_profile_that_does_not_exist()
    {
        var outcome = await CommandLine.RunAsync("reproduce", "--profile", "huge", "--folder", Path.GetDirectoryName(s_mini)!, "--out", Output);
        outcome.IsOneClearError("--profile", "'huge'", "'laptop'");
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public async Task Cases_that_do_not_exist_or_are_broken()
    {
        (await CommandLine.RunAsync("verify", _folder["none"])).IsOneClearError("none", "no such folder");
        (await CommandLine.RunAsync("verify", _folder.Path)).IsOneClearError(_folder.Path, "bft-golden-1");
        (await CommandLine.RunAsync("verify", "--filter", "zebra")).IsOneClearError("zebra");
        foreach (var (text, named) in ((string, string)[])[
            ("""{"schema": "bft-golden-1", "cases": []}""", "area: expected JSON string"),
            ("""{"schema": "bft-golden-1", "area": "a"}""", "cases: expected JSON array"),
            ("""{"schema": "bft-golden-1", "area": "a", "cases": [{"id": "x", "kind": "k", "inputs": {}}]}""", "case 0: expected: expected JSON object"),
        ])
        {
            File.WriteAllText(_folder["cases.json"], text);
            (await CommandLine.RunAsync("verify", _folder.Path, "--json", _folder["out.json"])).IsOneClearError("cases.json", named);
            Assert.False(File.Exists(_folder["out.json"]));
        }
    }

    [Fact]
    public async Task A_kind_that_is_not_known_fails_unless_allowed()
    {
        File.WriteAllText(_folder["cases.json"], """{"schema": "bft-golden-1", "area": "a", "cases": [{"id": "x", "kind": "zebra", "inputs": {}, "expected": {}}]}""");
        Assert.Equal(Verb.Failure, (await CommandLine.RunAsync("verify", _folder.Path, "--json", _folder["out.json"])).Code);
        var row = JsonNode.Parse(File.ReadAllText(_folder["out.json"]))![0]!;
        Assert.Equal(("zebra", false, false), (row["kind"]!.GetValue<string>(), row["known"]!.GetValue<bool>(), row["passed"]!.GetValue<bool>()));
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("verify", _folder.Path, "--allow-unknown")).Code);
    }

    [Fact]
    public async Task A_world_that_is_not_there()
    {
        (await CommandLine.RunAsync("world", "pairs", "--data", _folder["none"], "--out", _folder["pairs.jsonl"])).IsOneClearError("none");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private Task<Outcome> Train(params string[] more) => CommandLine.RunAsync(
        ["train", "--model", Path.Combine(s_mini, "model"), "--data", _folder["rows.jsonl"], "--output", Output, .. more]);

    private async Task TrainRefuses(string[] named, params string[] more)
    {
        (await Train(more)).IsOneClearError(named);
        Assert.False(Directory.Exists(Output));
    }
}
