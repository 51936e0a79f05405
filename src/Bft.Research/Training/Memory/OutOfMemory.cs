using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Bft.Research.Data;
using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>Tells a lack of memory from other errors, and says what to do about it.</summary>
internal static partial class OutOfMemory
{
    private const int MostRows = 16;
    private const int MostParts = 3;
    private const int MostChanges = 3;

    /// <summary>Whether an error means that memory did not suffice: managed, libtorch on the processor, or libtorch on a device.</summary>
    public static bool Is(Exception e) => e is OutOfMemoryException || (e is ExternalException && Shortage().IsMatch(e.Message));

    /// <summary>What happened in a micro-batch: lengths of its rows, what it needs by the plan, and the changes that need less, cheapest first.</summary>
    /// <param name="e">The error.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Options of the run.</param>
    public static string Describe(Exception e, TokenBatch batch, CausalLm model, TrainerOptions options)
    {
        var lengths = Enumerable.Range(0, batch.Rows).Select(row => Length(batch, row)).ToList();
        var shown = string.Join(", ", lengths.Take(MostRows)) + (lengths.Count > MostRows ? $" and {lengths.Count - MostRows} more" : "");
        var plan = MemoryPlan.For(model.Config, options, model.Dtype, MicroBatchSize.Of(batch), device: model.Device.type);
        var parts = plan.Parts.OrderByDescending(part => part.Bytes).Take(MostParts).Select(part => $"{part.Name} {MemoryPlan.Megabytes(part.Bytes)}");
        var changes = plan.Changes.Take(MostChanges).Select((change, i) => $"{(i == 0 ? "change" : "and")} {change.What}: {MemoryPlan.Megabytes(change.TotalBytes)}");
        return $"out of memory{Wanted(e)} in a micro-batch of {batch.Rows} rows × {batch.Length} tokens (tokens of the rows: {shown}); "
            + $"planned {MemoryPlan.Megabytes(plan.TotalBytes)} ({string.Join(", ", parts)}, …); {string.Join(" ", [.. changes, $"or cut rows to fewer than {batch.Length} tokens (rows.cutoff)"])}";
    }

    /// <summary>What happened outside of a micro-batch.</summary>
    public static string Describe(Exception e) => $"out of memory{Wanted(e)} in the optimiser; train fewer values (LoRA, a lower rank)";

    private static string Wanted(Exception e) => Size().Match(e.Message) is { Success: true } match ? $" (wanted {match.Groups[1].Value})" : "";

    private static int Length(TokenBatch batch, int row) =>
        batch.AttentionMask is { } mask ? mask.AsSpan(row * batch.Length, batch.Length).Count(true) : batch.Length;

    [GeneratedRegex(@"DefaultCPUAllocator: (?:can't allocate|not enough) memory|CUDA out of memory|CUDA error: out of memory|std::bad_alloc|CUBLAS_STATUS_ALLOC_FAILED", RegexOptions.CultureInvariant)]
    private static partial Regex Shortage();

    [GeneratedRegex(@"[Tt]ried to allocate (\d+(?:\.\d+)? \w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}
