using System.CommandLine;
using System.Globalization;
using Bft.Research.Checkpoints;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary><c>bft merge</c>: base model and adapter become full weights.</summary>
internal static class MergeCommand
{
    private static readonly RunFileArguments<MergeRunOptions> s_arguments = new(
    [
        ("model", Text("--model", "base model: folder in Hugging Face layout, or a .gguf file")),
        ("adapter", Text("--adapter", "PEFT folder")),
        ("output", Text("--output", "folder to make; must be absent or empty")),
        ("dtype", Text("--dtype", "stored type of the weights: bfloat16, float16 or float32 (default: the one that config.json of the base names)")),
        ("maxShardSize", Text("--max-shard-size", "largest weight file, such as 5GB (default) or 500MB")),
        ("probe", Text("--probe", "text on which the merged model is compared with base and adapter")),
        ("device", Text("--device", "auto, cpu (default), cuda or cuda:N")),
    ]);

    public static Command Create()
    {
        var command = new Command("merge", "Merge a LoRA adapter into its base model: full weights in safetensors that Transformers and vLLM load, checked before they appear.");
        s_arguments.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var given = s_arguments.Read(result);
        var (model, output) = (given.Model, given.Output);
        var options = new MergeOptions
        {
            Dtype = given.Dtype is { } dtype ? TensorOptions.ScalarType(dtype) : null,
            MaxShardBytes = given.ShardBytes()!.Value,
            ProbeIds = Ids(model, given.Probe),
            Device = DeviceChoice.Pick(given.Device).Device,
        };
        var report = AdapterMerge.Write(model, given.Adapter, output, options, cancellation);
        foreach (var remark in report.Remarks)
            Console.Error.WriteLine($"note: {remark}");
        if (WeightSource.FindGguf(model) is { } gguf)
            Tell(gguf);
        Tell(report, output);
        return Verb.Success;
    }

    private static void Tell(MergeReport report, string output)
    {
        var drift = report.Drift;
        Console.WriteLine(
            $"{output}: {report.Updated} matrices updated, {report.Replaced} replaced{(report.Untied ? ", head no longer tied to the embedding" : "")}; "
            + $"{report.Files.Count} weight {(report.Files.Count == 1 ? "file" : "files")}, {report.Bytes} bytes, {report.Dtype}");
        Console.WriteLine(FormattableString.Invariant(
            $"read again, against base and adapter at {drift.Positions} positions: largest difference {drift.Largest:g3} of logits with deviation {drift.Deviation:g3} ")
            + FormattableString.Invariant($"({drift.Relative:g3} deviations; accepted up to {report.Bound:g3} for {report.Dtype}), mean {drift.Mean:g3}; same most probable token at {drift.SameBest}"));
    }

    /// <summary>Which tensors of a GGUF file were quantised and how: names of layers with the number of blocks that have them.</summary>
    private static void Tell(string gguf)
    {
        using var weights = GgufWeights.Open(gguf);
        foreach (var (type, names) in weights.ByType.Where(t => t.Type.Scalar is null))
            Console.WriteLine($"dequantised from {type.Name}: {string.Join(", ", names.GroupBy(WithoutBlock).Select(g => g.Count() == 1 ? g.Single() : $"{g.Key} in {g.Count()} blocks"))}");
    }

    private static string WithoutBlock(string name) => string.Join('.', name.Split('.').SkipWhile(part => part is "model" or "layers" || int.TryParse(part, CultureInfo.InvariantCulture, out _)));

    /// <summary>Ids of the probe; none when the base has no tokenizer that can be read.</summary>
    private static List<long> Ids(string model, string probe)
    {
        var folder = Directory.Exists(model) ? model : Path.GetDirectoryName(Path.GetFullPath(model))!;
        return File.Exists(Path.Combine(folder, "tokenizer.json")) ? [.. HfTokenizer.Load(folder).Encode(probe).Ids.Select(id => (long)id)] : [];
    }
}
