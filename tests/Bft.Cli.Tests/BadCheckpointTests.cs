using System.Text;
using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Checkpoints, tokenizers and GGUF files that are not what they have to be: one clear error, and no output.</summary>
public sealed class BadCheckpointTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public BadCheckpointTests()
    {
        Directory.CreateDirectory(_folder["model"]);
        foreach (var file in Directory.EnumerateFiles(s_mini))
            File.CreateSymbolicLink(Model(Path.GetFileName(file)), file);
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "a", "output": "b"}""" + "\n");
    }

    private string Output => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_unchanged_copy_loads() =>
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("generate", "--model", _folder["model"], "--prompt", "a", "--max-new-tokens", "1")).Code);

    [Fact]
    public async Task A_folder_without_weights()
    {
        File.Delete(Model("model.safetensors"));
        (await Train()).IsOneClearError(_folder["model"], "model.safetensors");
    }

    [Fact]
    public async Task Truncated_weights()
    {
        Replace("model.safetensors", bytes => bytes[..(bytes.Length / 2)]);
        (await Train()).IsOneClearError("model.safetensors", "expected", "actual");
    }

    [Theory]
    [InlineData("\"I16\" ", "I16")]
    [InlineData("\"Q16\" ", "Q16")]
    public async Task A_wrong_dtype(string stored, string named)
    {
        Replace("model.safetensors", bytes =>
        {
            var at = bytes.AsSpan().IndexOf("\"BF16\""u8);
            Encoding.ASCII.GetBytes(stored).CopyTo(bytes, at);
            return bytes;
        });
        (await Train()).IsOneClearError(_folder["model"], "expected", named);
    }

    [Theory]
    [InlineData("model_type", "\"zebra\"", "zebra")]
    [InlineData("architectures", "[\"Qwen2ForSequenceClassification\"]", "Qwen2ForSequenceClassification")]
    [InlineData("hidden_act", "\"wiggle\"", "wiggle")]
    [InlineData("hidden_size", "200", "")]
    [InlineData("quantization_config", """{"quant_method": "gptq"}""", "quantization_config")]
    public async Task A_configuration_that_cannot_be_served(string field, string value, string named)
    {
        Change("config.json", config => config[field] = JsonNode.Parse(value));
        (await Train()).IsOneClearError(_folder["model"], "expected", named);
    }

    [Fact]
    public async Task A_configuration_that_is_not_json()
    {
        Replace("config.json", bytes => bytes[..100]);
        (await Train()).IsOneClearError("config.json");
    }

    [Theory]
    [InlineData("model", """{"type": "WordLevel", "vocab": {}}""", "model", "WordLevel")]
    [InlineData("pre_tokenizer", """{"type": "Zebra"}""", "pre_tokenizer", "Zebra")]
    [InlineData("normalizer", """{"type": "Zebra"}""", "normalizer", "Zebra")]
    public async Task A_tokenizer_part_that_is_not_supported(string field, string value, params string[] named)
    {
        Change("tokenizer.json", tokenizer => tokenizer[field] = JsonNode.Parse(value));
        (await Train()).IsOneClearError(["tokenizer.json", "expected", .. named]);
    }

    [Fact]
    public async Task A_chat_template_that_cannot_be_read()
    {
        Change("tokenizer_config.json", config => config["chat_template"] = "{{ messages }}\n{% frobnicate %}");
        (await Train()).IsOneClearError(_folder["model"], "line 2", "frobnicate");
    }

    [Fact]
    public async Task A_gguf_file_of_an_unknown_type_or_architecture_or_cut_short()
    {
        var good = GgufBuilder.Llama().Floats("token_embd.weight", [5, 1], 1, 2, 3, 4, 5).Build();
        await Convert(good[..20], "m.gguf");
        await Convert(good[..^4], "m.gguf", "token_embd.weight");
        await Convert([.. "GGUX"u8, .. good[4..]], "magic", "GGUF");
        await Convert(GgufBuilder.Llama().Tensor("token_embd.weight", 77, [5, 1], new byte[20]).Build(), "token_embd.weight", "77");
        await Convert(new GgufBuilder().Text("general.architecture", "zebra").Floats("token_embd.weight", [5, 1], 1, 2, 3, 4, 5).Build(), "general.architecture", "zebra");
    }

    [Fact]
    public async Task A_folder_in_the_way_is_not_touched()
    {
        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(Output, "mine.txt"), "keep");
        (await Train()).IsOneClearError("output", Output);
        File.WriteAllBytes(_folder["m.gguf"], GgufBuilder.Llama().Build());
        Assert.Equal(Verb.WrongInput, (await CommandLine.RunAsync("convert", _folder["m.gguf"], Output)).Code);
        (await CommandLine.RunAsync("world", "pretrain", "--steps", "1", "--out", Output, "--data", Path.GetDirectoryName(s_mini)!)).IsOneClearError(Output, "empty");
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(Output).Select(Path.GetFileName));
        (await CommandLine.RunAsync(Arguments(Path.Combine(_folder["rows.jsonl"], "run")))).IsOneClearError("rows.jsonl");
        Assert.Single(File.ReadAllLines(_folder["rows.jsonl"]));
    }

    private string Model(string name) => Path.Combine(_folder["model"], name);

    private string[] Arguments(string output) =>
        ["train", "--model", _folder["model"], "--dtype", "float32", "--data", _folder["rows.jsonl"], "--output", output, "--max-steps", "1"];

    private async Task<Outcome> Train()
    {
        var outcome = await CommandLine.RunAsync(Arguments(Output));
        if (Directory.Exists(Output))
            Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(Output).Select(Path.GetFileName));
        return outcome;
    }

    private async Task Convert(byte[] gguf, params string[] named)
    {
        File.WriteAllBytes(_folder["m.gguf"], gguf);
        (await CommandLine.RunAsync("convert", _folder["m.gguf"], Output)).IsOneClearError(["m.gguf", .. named]);
        Assert.False(Directory.Exists(Output));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path, ".*"));
    }

    private void Replace(string name, Func<byte[], byte[]> change)
    {
        var bytes = change(File.ReadAllBytes(Model(name)));
        File.Delete(Model(name));
        File.WriteAllBytes(Model(name), bytes);
    }

    private void Change(string name, Action<JsonObject> change) => Replace(name, bytes =>
    {
        var node = JsonNode.Parse(bytes)!.AsObject();
        change(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    });
}
