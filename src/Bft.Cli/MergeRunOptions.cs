using System.Globalization;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary>What <c>bft merge</c> merges and writes.</summary>
internal sealed record MergeRunOptions : IRunFileOptions
{
    /// <summary>Base model: folder in Hugging Face layout, or a GGUF file.</summary>
    public string Model { get; init; } = "";

    /// <summary>PEFT folder.</summary>
    public string Adapter { get; init; } = "";

    /// <summary>Folder to make; absent or empty.</summary>
    public string Output { get; init; } = "";

    /// <summary>Stored type of the weights; null for the one that config.json of the base names.</summary>
    public string? Dtype { get; init; }

    /// <summary>Largest weight file as Hugging Face writes sizes: GB and MB are powers of 1000, GiB and MiB of 1024.</summary>
    public string MaxShardSize { get; init; } = "5GB";

    /// <summary>Text on which the merged model is compared with base and adapter; plain, biomedical, numbers and code, what an adapter is likely to act on.</summary>
    public string Probe { get; init; } =
        "The tumour suppressor TP53 is mutated in about half of all human cancers. Question: which kinase does imatinib inhibit? Answer: BCR-ABL.\n"
        + "for i in range(10): print(i ** 2) # 0, 1, 4, 9, 16";

    /// <summary>Device of the computation.</summary>
    public string Device { get; init; } = "cpu";

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(bool good, string name, string expected, string actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {(actual.Length == 0 ? "nothing" : $"'{actual}'")}");
        }

        Check(Model.Length > 0, nameof(Model), "a folder or a .gguf file", Model);
        Check(Adapter.Length > 0, nameof(Adapter), "a PEFT folder", Adapter);
        Check(Output.Length > 0, nameof(Output), "a folder", Output);
        Check(Dtype is null or "bfloat16" or "float16" or "float32", nameof(Dtype), "bfloat16, float16 or float32", Dtype ?? "");
        Check(ShardBytes() is not null, nameof(MaxShardSize), "a size such as 5GB or 500MB", MaxShardSize);
        return problems;
    }

    /// <summary>Bytes of <see cref="MaxShardSize"/>, or null when it is no size.</summary>
    public long? ShardBytes()
    {
        (string Unit, double Factor)[] units = [("GIB", 1 << 30), ("MIB", 1 << 20), ("KIB", 1 << 10), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("B", 1), ("", 1)];
        var (unit, factor) = units.First(u => MaxShardSize.ToUpperInvariant().EndsWith(u.Unit, StringComparison.Ordinal));
        return double.TryParse(MaxShardSize.AsSpan(0, MaxShardSize.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number * factor is >= 1 and < 9e18
            ? (long)(number * factor)
            : null;
    }
}
