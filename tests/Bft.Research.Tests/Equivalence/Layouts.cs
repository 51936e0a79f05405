using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Equivalence;

/// <summary>Eight samples of 5 to 11 tokens and two turns, and ways to lay them out as micro-batches of one step.</summary>
internal static class Layouts
{
    public static IReadOnlyList<TokenizedExample> Samples { get; } =
    [
        .. Rows.Select((ids, row) => new TokenizedExample
        {
            Ids = [.. ids.Select(id => (int)id)],
            Labels = [.. ids.Select((id, t) => t < 2 + row % 2 ? NextToken.Ignored : id)],
            Turns = [.. ids.Select((_, t) => t < 2 + row % 2 ? -1 : t < 5 ? 0 : 1)],
            Name = $"rows.jsonl:{row + 1}",
        }),
    ];

    /// <summary>One sample a micro-batch.</summary>
    public static IReadOnlyList<TokenBatch> Alone() => Padded(1);

    /// <summary>Some samples a micro-batch, padded on the right.</summary>
    public static IReadOnlyList<TokenBatch> Padded(int perMicroBatch, bool reversed = false) =>
        [.. (reversed ? Samples.Reverse() : Samples).Chunk(perMicroBatch).Select(part => new Collator(0).Collate(part))];

    /// <summary>All samples padded together.</summary>
    public static TokenBatch Together(IEnumerable<int>? order = null) => new Collator(0).Collate([.. (order ?? Enumerable.Range(0, Samples.Count)).Select(i => Samples[i])]);

    /// <summary>As a plan lays them out.</summary>
    public static IReadOnlyList<TokenBatch> Planned(RowOptions rows, int perMicroBatch)
    {
        var plan = BatchPlan.Over(new RowSet(Samples, 0), new() { Rows = rows, RowsPerMicroBatch = perMicroBatch, Accumulation = 100, Epochs = 1 });
        Assert.Equal(1, plan.Steps);
        return plan[0];
    }

    /// <summary>All samples behind one another in one row.</summary>
    public static TokenBatch InOneRow() => Assert.Single(Planned(new() { Packing = RowPacking.PaddingFree }, 8));

    /// <summary>The same batch with more padding on the right.</summary>
    public static TokenBatch Wider(TokenBatch batch, int length)
    {
        T[] Widen<T>(T[] values, T fill) => [.. values.Chunk(batch.Length).SelectMany(row => row.Concat(Enumerable.Repeat(fill, length - batch.Length)))];
        return batch with
        {
            Length = length,
            InputIds = Widen(batch.InputIds, 7),
            AttentionMask = Widen(batch.AttentionMask!, false),
            Scored = batch.Scored with { Length = length, Positions = [.. batch.Scored.Positions.Select(at => at / batch.Length * length + at % batch.Length)] },
        };
    }

    /// <summary>The batch with only its first supervised tokens.</summary>
    public static TokenBatch Cut(TokenBatch batch, int tokens) => batch with
    {
        Scored = batch.Scored with
        {
            Positions = batch.Scored.Positions[..tokens],
            Targets = batch.Scored.Targets[..tokens],
            Turns = batch.Scored.Turns?[..tokens],
            Starts = [.. batch.Scored.Starts.Select(start => Math.Min(start, tokens))],
        },
    };
}
