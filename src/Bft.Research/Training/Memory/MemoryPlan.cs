using System.Globalization;
using System.Text;
using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>What memory a training run will need at its peak, item by item, before anything is loaded.</summary>
/// <remarks>
/// Counted from shapes (<see cref="MemoryEstimate"/>) and from what the process itself was measured to hold (<see cref="ProcessMemory"/>); of CPU memory it is the resident set of the process.
/// Measured peaks of <c>bft train</c> were 7 % below to 8 % above the plan in fifteen settings: models of 2, 10 and 135 million values, LoRA and full, float64, float32 and bfloat16,
/// micro-batches of 1 × 124 to 8 × 187 and 2 × 1,297 tokens, with and without gradient checkpointing, 2 to 120 steps. In a process that does other things beside, such as a notebook, these come on
/// top. Plans for a card have not been compared with one.
/// </remarks>
public sealed record MemoryPlan
{
    /// <summary>Part of the peak by which a measured peak may differ from the plan before <see cref="Compare"/> calls it missed.</summary>
    public const double Tolerance = 0.1;

    /// <summary>Items; their sum is the peak.</summary>
    public required IReadOnlyList<MemoryPart> Parts { get; init; }

    /// <summary>The micro-batch that was planned for.</summary>
    public required MicroBatchSize Batch { get; init; }

    /// <summary>Memory that the run may use, in bytes; null when not known.</summary>
    public long? AvailableBytes { get; init; }

    /// <summary>Changes that save memory, cheapest first, each on top of those before; as far as needed to fit, or all when the run fits or nothing makes it fit.</summary>
    public IReadOnlyList<MemoryChange> Changes { get; init; } = [];

    /// <summary>The peak.</summary>
    public long TotalBytes => Parts.Sum(part => part.Bytes);

    /// <summary>Whether the peak is within what is available; true when that is not known.</summary>
    public bool Fits => AvailableBytes is not { } available || TotalBytes <= available;

    /// <summary>Plans a run.</summary>
    /// <param name="config">Shape of the model.</param>
    /// <param name="options">The run.</param>
    /// <param name="dtype">Dtype of the model.</param>
    /// <param name="batch">Largest micro-batch.</param>
    /// <param name="availableBytes">Memory of the device that the run may use; null when not known.</param>
    /// <param name="device">Where the model will be.</param>
    /// <param name="rowTokens">Tokens of all rows that are held, to train on and to measure.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public static MemoryPlan For(
        CausalLmConfig config, TrainerOptions options, torch.ScalarType dtype, MicroBatchSize batch, long? availableBytes = null, DeviceType device = DeviceType.CPU,
        long rowTokens = 0)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Trainer options: {string.Join("; ", problems)}.", nameof(options));
        var asked = new MemoryEstimate(config, options, dtype, batch, device, rowTokens);
        var plan = new MemoryPlan { Parts = asked.Parts(), Batch = batch, AvailableBytes = availableBytes };
        return plan with { Changes = [.. MemoryLadder.Changes(asked, plan.Fits ? null : availableBytes)] };
    }

    /// <summary>The plan as a table, whether it fits, and what to change if it does not.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var width = Parts.Max(part => part.Name.Length);
        text.AppendLine(CultureInfo.InvariantCulture, $"memory for micro-batches of {Batch.Rows} × {Batch.Length} tokens, {Batch.Supervised} supervised");
        foreach (var part in Parts)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {part.Name.PadRight(width)}  {Megabytes(part.Bytes),9}  {part.Reason}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {"total".PadRight(width)}  {Megabytes(TotalBytes),9}  {Verdict()}");
        if (!Fits)
            foreach (var (change, i) in Changes.Select((change, i) => (change, i)))
                text.AppendLine(CultureInfo.InvariantCulture, $"  {(i == 0 ? "change" : "and")} {change.What}: {Megabytes(change.TotalBytes)}; price: {change.Price}");
        return text.ToString().TrimEnd();
    }

    /// <summary>One line that sets a measured peak beside the plan.</summary>
    /// <param name="measuredPeakBytes">Measured peak, as in <see cref="StepReport.PeakMemoryBytes"/>.</param>
    public string Compare(long measuredPeakBytes)
    {
        var difference = (double)measuredPeakBytes / TotalBytes - 1;
        var off = Math.Abs(difference) <= Tolerance ? $"of {Tolerance:0 %} that a plan may be off" : "the plan was off";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"peak memory: planned {Megabytes(TotalBytes)}, measured {Megabytes(measuredPeakBytes)} ({difference:+0.0 %;−0.0 %}; {off})");
    }

    internal static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:#,0} MB");

    private string Verdict() => AvailableBytes is not { } available ? "what is available is not known"
        : Fits ? $"fits into {Megabytes(available)}"
        : Changes.Count > 0 && Changes[^1].TotalBytes <= available ? $"does not fit into {Megabytes(available)}"
        : $"does not fit into {Megabytes(available)}, whatever is changed";
}
