using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>bft merge</c> on the mini model of this repository, from training to use.</summary>
public sealed class MergeCommandTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public MergeCommandTests() => File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53, the tumour suppressor."}""" + "\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trained_adapter_becomes_a_folder_that_is_used_like_any_model()
    {
        Assert.Equal(0, (await Train("run", "--max-steps", "4", "--lr", "1e-2")).Code);
        var adapter = Path.Combine(_folder["run"], "adapter");
        Assert.Equal(0, (await Merge(adapter, "merged", "--max-shard-size", "2MB", "--dtype", "bfloat16")).Code);
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["merged"], "model.safetensors.index.json")))!;
        Assert.All(index["weight_map"]!.AsObject(), entry => Assert.True(File.Exists(Path.Combine(_folder["merged"], entry.Value!.GetValue<string>()))));
        Assert.Equal("bfloat16", JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["merged"], "config.json")))!["torch_dtype"]!.GetValue<string>());
        Assert.All(
            Directory.EnumerateFiles(s_model).Select(f => Path.GetFileName(f)!).Where(f => f.Contains("token", StringComparison.Ordinal)),
            file => Assert.Equal(File.ReadAllBytes(Path.Combine(s_model, file)), File.ReadAllBytes(Path.Combine(_folder["merged"], file))));
        Assert.Equal(0, (await CommandLine.RunAsync("generate", "--model", _folder["merged"], "--prompt", "TP53", "--max-new-tokens", "2")).Code);

        (await Merge(adapter, "merged")).IsOneClearError(_folder["merged"], "expected nothing or an empty folder");
        (await Merge(_folder["nowhere"], "other")).IsOneClearError("adapter_config.json");
        (await Merge(adapter, "other", "--max-shard-size", "much")).IsOneClearError("--max-shard-size", "'much'");
        (await CommandLine.RunAsync("merge", "--model", _folder["nowhere"], "--adapter", adapter, "--output", _folder["other"])).IsOneClearError(_folder["nowhere"]);
        (await CommandLine.RunAsync("merge", "--model", s_model, "--adaptor", adapter, "--output", _folder["other"])).IsOneClearError("'--adaptor' is not known; the nearest is '--adapter'");
        Assert.Equal(["merged", "rows.jsonl", "run"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_adapter_that_learnt_nothing_is_not_saved()
    {
        var outcome = await Train("run", "--max-steps", "1", "--warmup-ratio", "0.5"); // the only step is the first of the warm-up, whose rate is zero
        Assert.Equal(Verb.Failure, outcome.Code);
        Assert.Contains("adapter: expected an update after 1 steps, actual none: B (of the embedding A) is all zero in all", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder["run"], "adapter")));
    }

    private Task<Outcome> Train(string output, params string[] more) => CommandLine.RunAsync(
    [
        "train", "--model", s_model, "--data", _folder["rows.jsonl"], "--output", _folder[output], "--plain", "--dtype", "float32", "--accumulation", "1", .. more,
    ]);

    private Task<Outcome> Merge(string adapter, string output, params string[] more) =>
        CommandLine.RunAsync(["merge", "--model", s_model, "--adapter", adapter, "--output", _folder[output], .. more]);
}
