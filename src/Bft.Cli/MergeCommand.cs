using System.CommandLine;
using System.Globalization;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary><c>bft merge</c>: base model and adapter become full weights.</summary>
internal static class MergeCommand
{
    /// <summary>Plain, biomedical, numbers and code: what an adapter is likely to act on.</summary>
    private const string Probe =
        "The tumour suppressor TP53 is mutated in about half of all human cancers. Question: which kinase does imatinib inhibit? Answer: BCR-ABL.\n"
        + "for i in range(10): print(i ** 2) # 0, 1, 4, 9, 16";

    private static readonly Option<string> s_model = new("--model") { Description = "base model: folder in Hugging Face layout, or a .gguf file", Required = true };
    private static readonly Option<string> s_adapter = new("--adapter") { Description = "PEFT folder", Required = true };
    private static readonly Option<string> s_output = new("--output") { Description = "folder to make; must be absent or empty", Required = true };
    private static readonly Option<string?> s_dtype = new("--dtype") { Description = "stored type of the weights (default: the one that config.json of the base names)" };
    private static readonly Option<string> s_shard = new("--max-shard-size") { Description = "largest weight file, such as 5GB or 500MB", DefaultValueFactory = _ => "5GB" };
    private static readonly Option<string> s_probe = new("--probe") { Description = "text on which the merged model is compared with base and adapter", DefaultValueFactory = _ => Probe };
    private static readonly Option<string> s_device = TensorOptions.Device("cpu");

    public static Command Create()
    {
        s_dtype.AcceptOnlyFromAmong("bfloat16", "float16", "float32");
        return new Command("merge", "Merge a LoRA adapter into its base model: full weights in safetensors that Transformers and vLLM load, checked before they appear.")
        {
            s_model, s_adapter, s_output, s_dtype, s_shard, s_probe, s_device,
        }.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var model = result.GetValue(s_model)!;
        var options = new MergeOptions
        {
            Dtype = result.GetValue(s_dtype) is null ? null : result.ScalarType(s_dtype!),
            MaxShardBytes = Bytes(result.GetValue(s_shard)!),
            ProbeIds = Ids(model, result.GetValue(s_probe)!),
            Device = result.Device(s_device),
        };
        var output = result.GetValue(s_output)!;
        var report = AdapterMerge.Write(model, result.GetValue(s_adapter)!, output, options, cancellation);
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

    /// <summary>Bytes of a size as Hugging Face writes it: GB and MB are powers of 1000, GiB and MiB of 1024.</summary>
    private static long Bytes(string size)
    {
        (string Unit, double Factor)[] units = [("GIB", 1 << 30), ("MIB", 1 << 20), ("KIB", 1 << 10), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("B", 1), ("", 1)];
        var (unit, factor) = units.First(u => size.ToUpperInvariant().EndsWith(u.Unit, StringComparison.Ordinal));
        return double.TryParse(size.AsSpan(0, size.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number * factor is >= 1 and < 9e18
            ? (long)(number * factor)
            : throw new InvalidDataException($"--max-shard-size: expected a size such as 5GB or 500MB, actual '{size}'.");
    }
}
