using Bft.Research.Numerics;

namespace Bft.Research.Data;

/// <summary>Puts examples together into batches, padded on the right.</summary>
/// <param name="padId">Id put on padding; never looked at, never scored.</param>
public sealed class Collator(int padId)
{
    /// <summary>Batches of examples in the order given, one example a row, for measuring; the last batch may have fewer rows.</summary>
    /// <param name="examples">All examples.</param>
    /// <param name="rows">Rows B of a batch.</param>
    public IEnumerable<TokenBatch> Batches(IEnumerable<TokenizedExample> examples, int rows) => examples.Chunk(rows).Select(Collate);

    /// <summary>One batch with one example a row.</summary>
    public TokenBatch Collate(IReadOnlyList<TokenizedExample> examples) => Collate([.. examples.Select(example => (IReadOnlyList<TokenizedExample>)[example])]);

    /// <summary>One batch whose rows hold one or more examples each, in order.</summary>
    /// <exception cref="ArgumentException">There is no row, or a row without examples.</exception>
    public TokenBatch Collate(IReadOnlyList<IReadOnlyList<TokenizedExample>> rows)
    {
        if (rows.Count == 0 || rows.Any(row => row.Count == 0))
            throw new ArgumentException("Expected at least one row, each with at least one example.", nameof(rows));
        var length = rows.Max(row => row.Sum(example => example.Length));
        var size = rows.Count * length;
        long[] ids = new long[size], labels = new long[size], positions = new long[size];
        int[] samples = new int[size], turns = new int[size];
        bool[] mask = new bool[size], ends = new bool[size];
        Array.Fill(ids, padId);
        Array.Fill(labels, NextToken.Ignored);
        Array.Fill(samples, -1);
        for (var row = 0; row < rows.Count; row++)
        {
            var at = row * length;
            for (var sample = 0; sample < rows[row].Count; sample++)
            {
                var example = rows[row][sample];
                foreach (var end in example.Ends.Where(end => end >= 0))
                    ends[at + end] = true;
                for (var t = 0; t < example.Length; t++, at++)
                {
                    (ids[at], labels[at], positions[at]) = (example.Ids[t], example.Labels[t], t);
                    (samples[at], turns[at], mask[at]) = (sample, Math.Max(0, example.Turns?[t] ?? 0), true);
                }
            }
        }

        var packed = rows.Any(row => row.Count > 1);
        return new()
        {
            Rows = rows.Count,
            Length = length,
            InputIds = ids,
            AttentionMask = mask.AsSpan().Contains(false) ? mask : null,
            PositionIds = packed ? positions : null,
            SampleIds = packed ? samples : null,
            Scored = NextToken.Align(labels, rows.Count, length, packed ? samples : default, turns, ends),
            SampleNames = [.. rows.SelectMany(row => row).Select(example => example.Name)],
        };
    }
}
