using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The built program, started as a user starts it: exit codes, standard error, and one experiment from world to text.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini");
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pairs_are_written_an_adapter_is_trained_on_them_and_the_model_answers_with_it()
    {
        Succeeds("world", "pairs", "--data", s_mini, "--repeats", "1", "--out", _folder["pairs.jsonl"]);
        var first = JsonNode.Parse(File.ReadLines(_folder["pairs.jsonl"]).First())!["messages"]!.AsArray();
        Assert.Equal(["user", "assistant"], first.Select(turn => turn!["role"]!.GetValue<string>()).TakeLast(2));

        Succeeds(
            "train", "--model", Path.Combine(s_mini, "model"), "--data", _folder["pairs.jsonl"], "--held-out", HeldOut(), "--output", _folder["run"],
            "--dtype", "float32", "--max-steps", "2", "--batch", "4", "--accumulation", "1");
        Assert.Equal(["adapter", "checkpoints", "log.jsonl", "options.json", "run.json"], Directory.GetFileSystemEntries(_folder["run"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var log = File.ReadLines(Path.Combine(_folder["run"], "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["device", "step", "step", "evaluation"], log.Select(line => line.GetProperty("kind").GetString()));
        foreach (var step in log[1..3])
            Assert.All(
                ["step", "loss", "meanNll", "supervisedTokens", "gradientNorm", "learningRate", "weightMass", "sequenceWeightMean", "tokensPerSecond", "seconds", "peakMemoryBytes"],
                (string field) => Assert.True(double.IsFinite(step.GetProperty(field).GetDouble()), field));
        Assert.All(["tokens", "meanNll", "accuracy", "meanConfidence"], (string field) => Assert.True(double.IsFinite(log[3].GetProperty(field).GetDouble()), field));
        Assert.DoesNotContain(log, line => line.TryGetProperty("zebra", out _));

        string[] ask = ["generate", "--model", Path.Combine(s_mini, "model"), "--message", first[0]!["content"]!.GetValue<string>(), "--max-new-tokens", "8"];
        Assert.NotEmpty(Succeeds([.. ask, "--adapter", Path.Combine(_folder["run"], "adapter")]).Output.Trim());
        File.WriteAllText(Path.Combine(_folder["run"], "adapter", "adapter_config.json"), "{}");
        Start([.. ask, "--adapter", Path.Combine(_folder["run"], "adapter")]).IsOneClearError("adapter_config.json");
    }

    [Fact]
    public void The_cases_that_ship_with_the_program_pass()
    {
        var outcome = Succeeds("verify", "--json", _folder["out.json"]);
        var rows = JsonNode.Parse(File.ReadAllText(_folder["out.json"]))!.AsArray();
        Assert.True(rows.Count >= 150, $"{rows.Count} cases");
        Assert.All(rows, row => Assert.True(row!["passed"]!.GetValue<bool>()));
        Assert.Contains($"{rows.Count} of {rows.Count} cases pass", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gguf_file_becomes_a_folder()
    {
        File.WriteAllBytes(_folder["m.gguf"], GgufBuilder.Tiny().Build());
        Succeeds("convert", "m.gguf", "out", "--dtype", "bfloat16");
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Start("convert", "m.gguf", "out").IsOneClearError("bft convert: ", "out", "folder with content");
    }

    [Fact]
    public void A_message_with_a_stack_trace_or_of_two_lines_is_not_one_clear_error()
    {
        new Outcome(Verb.WrongInput, "", "bft: a.json: x: expected 1, actual 2\n").IsOneClearError("a.json");
        Assert.ThrowsAny<Exception>(() => new Outcome(Verb.WrongInput, "", "bft: a.json\n   at Bft.Cli.Main()\n").IsOneClearError("a.json"));
        Assert.ThrowsAny<Exception>(() => new Outcome(Verb.WrongInput, "", "bft: a.json\nbft: a.json\n").IsOneClearError("a.json"));
        Assert.ThrowsAny<Exception>(() => new Outcome(Verb.Failure, "", "bft: a.json\n").IsOneClearError("a.json"));
    }

    [Fact]
    public void Wrong_input_ends_with_code_2_and_one_line()
    {
        Start("train", "--model", _folder["none"], "--data", "rows.jsonl", "--output", _folder["run"]).IsOneClearError("bft train: ", _folder["none"]);
        Start("verify", _folder["none"]).IsOneClearError("bft verify: ", _folder["none"]);
        Start("world", "pairs", "--data", _folder["none"], "--out", _folder["pairs.jsonl"]).IsOneClearError("bft world pairs: ", _folder["none"]);
        Start("verfy").IsOneClearError("bft: ", "'verfy'", "'verify'");
        Start("train", "--model", "a", "--data", "b", "--output", "c", "--objectiv", "sft").IsOneClearError("bft train: ", "'--objectiv'", "'--objective'");
        Start("train", "--model", "a", "--data", "b").IsOneClearError("bft train: ", "Output: expected a folder, actual nothing");
        Start("verify", "--dtype", "int8").IsOneClearError("bft verify: --dtype: ", "'int8'", "'float64'");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_cell_that_fails_gives_code_1_its_error_and_leaves_the_notebook_alone()
    {
        var notebook = """
            {"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [], "source": "throw new System.InvalidOperationException(\"loss is NaN\");"}],
             "metadata": {"kernelspec": {"name": ".net-csharp", "display_name": ".NET (C#)", "language": "C#"}}, "nbformat": 4, "nbformat_minor": 5}
            """;
        File.WriteAllText(_folder["a.ipynb"], notebook);
        var outcome = Start("notebook", "run", "--in-place", "a.ipynb");
        Assert.Equal(Verb.Failure, outcome.Code);
        Assert.Contains("loss is NaN", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(notebook, File.ReadAllText(_folder["a.ipynb"]));
        Assert.Equal(["a.ipynb"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private string HeldOut()
    {
        File.WriteAllLines(_folder["held-out.jsonl"], File.ReadLines(_folder["pairs.jsonl"]).Take(4));
        return _folder["held-out.jsonl"];
    }

    private Outcome Start(params string[] args) => CommandLine.Start(_folder.Path, args);

    private Outcome Succeeds(params string[] args)
    {
        var outcome = Start(args);
        Assert.True(outcome.Code == Verb.Success, $"exit code {outcome.Code}: {outcome.Error}");
        return outcome;
    }
}
