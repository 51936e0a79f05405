using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;
using Bft.Tests;
using TorchSharp;

namespace Bft.Cli.Tests;

/// <summary>Folders of <c>bft convert</c>, <c>bft train</c> and <c>bft merge</c> under a reader that shares nothing with this library: plain PyTorch (<c>read_merged.py</c>). Skipped where there is no PyTorch.</summary>
public sealed class MergedFolderReadersTests : IDisposable
{
    private const string Python = "/usr/bin/python3"; // the one that Debian's python3-torch belongs to
    private const string Text = "TP53 is mutated in half of all cancers. print(2 ** 10)";
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trained_adapter_merged_in_shards_is_what_base_and_adapter_are()
    {
        RequireTorch();
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53, the tumour suppressor."}""" + "\n");
        Assert.Equal(0, (await CommandLine.RunAsync(
            "train", "--model", s_mini, "--data", _folder["rows.jsonl"], "--output", _folder["run"], "--dtype", "float32", "--accumulation", "1", "--max-steps", "4", "--lr", "1e-2", "--lora-r", "5", "--lora-alpha", "7")).Code);
        Assert.Equal(0, (await CommandLine.RunAsync("merge", "--model", s_mini, "--adapter", Adapter, "--output", Merged, "--dtype", "float32", "--max-shard-size", "2MB")).Code);
        Agree(Reads(s_mini, Adapter));

        Spoil("model.safetensors.index.json", "\"total_size\": ", "\"total_size\": 1");
        Refuses("total_size: expected");
        Spoil("config.json", "\"float32\"", "\"bfloat16\"");
        Refuses("torch_dtype is not the type of the weights");
        Spoil("config.json", "10000.0", "10000");
        Refuses("rope_theta is not a float");
    }

    [Fact]
    public async Task The_real_model_merged_from_its_gguf_file_is_what_its_conversion_and_the_adapter_are()
    {
        RequireTorch();
        var gguf = SharedFolder.Require("data", "models", "smollm2-135m-instruct");
        using (var model = CausalLm.Load(gguf, torch.ScalarType.BFloat16))
        using (var adapter = LoraAdapter.Create(model, new() { Rank = 6, Alpha = 10 }, 1))
        {
            using (torch.NewDisposeScope())
                foreach (var layer in adapter.Layers)
                    layer.B.copy_(torch.linspace(-0.02, 0.02, layer.B.numel()).reshape(layer.B.shape));
            adapter.Save(Adapter);
        }

        Assert.Equal(0, (await CommandLine.RunAsync("convert", gguf, _folder["base"], "--dtype", "float32")).Code);
        Assert.Equal(0, (await CommandLine.RunAsync("merge", "--model", gguf, "--adapter", Adapter, "--output", Merged, "--dtype", "float32", "--max-shard-size", "200MB")).Code);
        Assert.True(Directory.GetFiles(Merged, "*.safetensors").Length > 1);
        Agree(Reads(_folder["base"], Adapter));
    }

    private string Adapter => Path.Combine(_folder["run"], "adapter");

    private string Merged => _folder["merged"];

    /// <summary>Within the rounding of float32 over all blocks; the base alone and an adapter without its scaling are far outside.</summary>
    private void Agree(JsonNode read)
    {
        double Far(string name) => read[name]!.GetValue<double>();
        Assert.True(Far("merged") < 2e-4 && Far("mean") < 2e-5, $"{read["merged"]} deviations, {read["mean"]} in the mean");
        Assert.True(Far("base") > 0.01 && Far("unscaled") > 0.01, $"base alone {read["base"]}, without scaling {read["unscaled"]}");
        using var model = CausalLm.Load(Merged, torch.ScalarType.Float32);
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        long[] ids = Ids(Merged);
        var logits = model.Logits(model.Hidden(torch.tensor(ids, [1, ids.Length])).select(1, ids.Length - 1)).reshape(-1);
        var ours = logits.data<float>().ToArray();
        var deviation = logits.std().ToDouble();
        Assert.All(read["last"]!.AsArray().Select((value, i) => (value!.GetValue<double>(), ours[i])), pair => Assert.Equal(pair.Item1, pair.Item2, 2e-4 * deviation));
    }

    private JsonNode Reads(string @base, string adapter)
    {
        var outcome = Read(@base, adapter);
        Assert.True(outcome.Code == 0, outcome.Error);
        return JsonNode.Parse(outcome.Output)!;
    }

    private void Refuses(string message)
    {
        var outcome = Read(s_mini, Adapter);
        Assert.Equal(1, outcome.Code);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    private Outcome Read(string @base, string adapter) => CommandLine.Start(
        new ProcessStartInfo(
            Python, [Path.Combine(Checkout.Root, "tests", "Bft.Cli.Tests", "read_merged.py"), Path.Combine(Checkout.Root, "tests", "Bft.Benchmarks"), @base, adapter, Merged, string.Join(',', Ids(Merged))]),
        "");

    private void Spoil(string file, string good, string bad)
    {
        var path = Path.Combine(Merged, file);
        var text = File.ReadAllText(path);
        Assert.Contains(good, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(good, bad, StringComparison.Ordinal));
    }

    private static long[] Ids(string model) => [.. HfTokenizer.Load(model).Encode(Text).Ids.Select(id => (long)id)];

    private static void RequireTorch()
    {
        if (!File.Exists(Python) || CommandLine.Start(new ProcessStartInfo(Python, ["-c", "import torch"]), "").Code != 0)
            Assert.Skip("needs PyTorch for Debian's Python (the package python3-torch), which no other part of Bft uses");
    }
}
