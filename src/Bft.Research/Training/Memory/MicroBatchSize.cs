using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>Size of a micro-batch, as far as memory depends on it.</summary>
/// <param name="Rows">Rows B.</param>
/// <param name="Length">Tokens T of every row, padding included.</param>
/// <param name="Supervised">Supervised tokens S.</param>
public sealed record MicroBatchSize(int Rows, int Length, int Supervised)
{
    /// <summary>Tokens B·T.</summary>
    public long Tokens => (long)Rows * Length;

    /// <summary>Size of a micro-batch.</summary>
    public static MicroBatchSize Of(TokenBatch batch) => new(batch.Rows, batch.Length, batch.Scored.Count);

    /// <summary>The largest sizes that occur in the first epoch of a plan: each of rows, tokens and supervised tokens is that of the micro-batch with most tokens, or more.</summary>
    /// <param name="plan">The plan; its micro-batches are made once.</param>
    public static MicroBatchSize Largest(BatchPlan plan) =>
        Largest(Enumerable.Range(0, Math.Min(plan.Steps, plan.StepsPerEpoch)).SelectMany(step => plan[step]));

    /// <summary>As <see cref="Largest(BatchPlan)"/>, of given micro-batches.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MicroBatchSize Largest(IEnumerable<TokenBatch> batches) => Largest(batches.Select(Of));

    /// <summary>As <see cref="Largest(BatchPlan)"/>, of given sizes.</summary>
    internal static MicroBatchSize Largest(IEnumerable<MicroBatchSize> sizes)
    {
        MicroBatchSize? largest = null;
        foreach (var size in sizes)
        {
            var most = largest is null || size.Tokens > largest.Tokens ? size : largest;
            largest = most with { Supervised = Math.Max(size.Supervised, largest?.Supervised ?? 0) };
        }

        return largest ?? throw new ArgumentException("There is no micro-batch to plan for.", nameof(sizes));
    }

    /// <summary>Half of the rows.</summary>
    internal MicroBatchSize Halved() => this with { Rows = (Rows + 1) / 2, Supervised = (Supervised + 1) / 2 };
}
