using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Numerics;

namespace Bft.Research.Verification.Training;

/// <summary>A row of a reference case: ids and labels of one length, labels not shifted.</summary>
/// <param name="Ids">[T] token ids.</param>
/// <param name="Labels">[T] label of each position, −100 where nothing is supervised.</param>
/// <param name="Name">Where it came from.</param>
internal sealed record TrainingRow(long[] Ids, long[] Labels, string Name)
{
    /// <summary>Supervised tokens after the label shift.</summary>
    public long Supervised => NextToken.Align(Labels, 1, Labels.Length).Count;
}

/// <summary>Rows of reference cases and the micro-batches made of them.</summary>
internal static class TrainingRows
{
    /// <summary>Reads an array of {input_ids or ids, labels}.</summary>
    public static IReadOnlyList<TrainingRow> Read(JsonElement rows) =>
    [
        .. rows.EnumerateArray().Select((row, i) => new TrainingRow(
            (row.TryGetProperty("input_ids", out var ids) ? ids : row.GetProperty("ids")).Integers(), row.GetProperty("labels").Integers(), $"row {i}")),
    ];

    /// <summary>One micro-batch, padded on the right to its longest row.</summary>
    public static TokenBatch Batch(IReadOnlyList<TrainingRow> rows, long padId = 0)
    {
        var length = rows.Max(r => r.Ids.Length);
        var ids = Enumerable.Repeat(padId, rows.Count * length).ToArray();
        var labels = Enumerable.Repeat(NextToken.Ignored, rows.Count * length).ToArray();
        var mask = new bool[rows.Count * length];
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].Ids.CopyTo(ids, i * length);
            rows[i].Labels.CopyTo(labels, i * length);
            mask.AsSpan(i * length, rows[i].Ids.Length).Fill(true);
        }

        return new()
        {
            Rows = rows.Count,
            Length = length,
            InputIds = ids,
            AttentionMask = mask,
            Scored = NextToken.Align(labels, rows.Count, length),
            SampleNames = [.. rows.Select(r => r.Name)],
        };
    }

    /// <summary>Rows in order, cut into micro-batches of at most <paramref name="perMicroBatch"/> rows.</summary>
    public static IReadOnlyList<TokenBatch> MicroBatches(IEnumerable<TrainingRow> rows, int perMicroBatch, long padId = 0) =>
        [.. rows.Chunk(perMicroBatch).Select(chunk => Batch(chunk, padId))];
}
