using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>Merges an adapter into its base model and writes full weights that Transformers and vLLM load.</summary>
/// <remarks>
/// Everything is computed in float32 (float64 for a float64 base) and rounded once, when it is written. The folder is then read again: tensor by tensor it must be what
/// was merged, and its logits must be those of base and adapter up to what rounding the weights does. Memory holds one model in that precision at a time.
/// </remarks>
public static class AdapterMerge
{
    private const int SpreadIds = 64;

    /// <summary>Merges. The folder appears whole and checked, or not at all.</summary>
    /// <param name="model">Base model: folder in Hugging Face layout, or GGUF file.</param>
    /// <param name="adapter">PEFT folder.</param>
    /// <param name="output">Folder to make; absent or empty. It gets config.json, weights, and the tokenizer files of the base.</param>
    /// <param name="options">Stored dtype, size of files, probe.</param>
    /// <param name="cancellation">Stops between two stages; nothing is left then.</param>
    /// <exception cref="ArgumentException">Options are wrong.</exception>
    /// <exception cref="CheckpointException">Base or adapter is not what it has to be, or what was written is not what was merged.</exception>
    /// <exception cref="MergeDriftException">The merged model gives other logits.</exception>
    /// <exception cref="IOException">The output holds something.</exception>
    public static MergeReport Write(string model, string adapter, string output, MergeOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Merge options: {string.Join("; ", problems)}.", nameof(options));
        MergeReport? report = null;
        AtomicOutput.WriteFolder(output, place => report = Write(model, adapter, output, place, options, cancellation));
        return report!;
    }

    /// <summary>
    /// The largest difference of logits, in deviations of the logits, that is put down to rounding; the mean difference may be a tenth of it. A few times what a
    /// model of 30 blocks shows whose weights are all rounded; in float32 the computation rounds as much as the weights do.
    /// </summary>
    /// <param name="dtype">Stored dtype.</param>
    public static double Bound(torch.ScalarType dtype) => dtype switch
    {
        torch.ScalarType.Float64 => 1e-9,
        torch.ScalarType.Float32 => 5e-4,
        torch.ScalarType.Float16 => 0.1,
        _ => 0.5,
    };

    private static MergeReport Write(string model, string adapter, string output, string place, MergeOptions options, CancellationToken cancellation)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var precise = CausalLm.ReadConfig(model).StoredDtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;
        Tensor expected;
        List<long[]> probe;
        MergeReport report;
        using (var merged = CausalLm.Load(model, precise, options.Device))
        {
            using var lora = LoraAdapter.Load(merged, adapter);
            cancellation.ThrowIfCancellationRequested();
            probe = Probe(options.ProbeIds, merged.Config.VocabularySize);
            expected = Logits(merged, probe);
            report = Merge(merged, lora, options.Dtype ?? merged.Config.StoredDtype ?? torch.ScalarType.Float32);
            cancellation.ThrowIfCancellationRequested();
            merged.Save(place, report.Dtype, options.MaxShardBytes);
            CompanionFiles.Copy(model, place);
            RequireWritten(place, merged, report.Dtype);
        }

        cancellation.ThrowIfCancellationRequested();
        using var again = CausalLm.Load(place, precise, options.Device);
        var drift = LogitDrift.Between(expected, Logits(again, probe));
        if (!drift.Within(report.Bound))
            throw new MergeDriftException(output, report.Dtype, drift, report.Bound);
        string[] files = [.. Directory.EnumerateFiles(place, "*.safetensors").Order(StringComparer.Ordinal)];
        return report with { Files = [.. files.Select(f => Path.GetFileName(f)!)], Bytes = files.Sum(f => new FileInfo(f).Length), Drift = drift };
    }

    /// <summary>Merges in memory, and says what that was.</summary>
    private static MergeReport Merge(CausalLm model, LoraAdapter lora, torch.ScalarType dtype)
    {
        var tied = model.Config.TiedHead;
        List<string> remarks = [.. model.LoadRemarks, .. lora.LoadRemarks];
        if (lora.IsIdle)
            remarks.Add("the adapter's updates are all zero.");
        var (updated, replaced) = (lora.Layers.Count, lora.Parameters.Count(p => !p.Name.Contains(".lora_", StringComparison.Ordinal)));
        lora.Merge();
        return new(dtype, updated, replaced, tied && !model.Config.TiedHead, [], 0, new(0, 0, 0, 0, 0), Bound(dtype), remarks);
    }

    /// <summary>Reads every tensor back from disk and compares it with the one in memory, rounded.</summary>
    private static void RequireWritten(string place, CausalLm merged, torch.ScalarType dtype)
    {
        using var written = SafetensorsWeights.Open(place);
        foreach (var (name, value) in merged.Parameters)
        {
            using var scope = torch.NewDisposeScope();
            if (!written.Load(name, dtype, torch.CPU).eq(value.to(dtype).cpu()).all().ToBoolean())
                throw new CheckpointException(place, name, "what was merged", "other values on disk");
        }
    }

    /// <summary>The ids of the text, and ids from all over the vocabulary.</summary>
    private static List<long[]> Probe(IReadOnlyList<long> text, int vocabulary)
    {
        var count = Math.Min(SpreadIds, vocabulary);
        long[] spread = [.. Enumerable.Range(0, count).Select(i => (long)i * vocabulary / count)];
        return text.Count == 0 ? [spread] : [[.. text], spread];
    }

    /// <summary>[N, V] logits at all positions of all rows.</summary>
    private static Tensor Logits(CausalLm model, List<long[]> rows)
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. rows.Select(row => model.Logits(model.Hidden(torch.tensor(row, [1, row.Length], device: model.Device))).squeeze(0).cpu())]).MoveToOuterDisposeScope();
    }
}
