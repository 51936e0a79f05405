using Bft.Research.Numerics;

namespace Bft.Research.Data;

/// <summary>Puts examples together into batches, padded on the right.</summary>
public sealed class Collator
{
    private readonly CollatorOptions _options;

    /// <summary>Makes a collator.</summary>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public Collator(CollatorOptions options)
    {
        var problems = options.Validate().ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _options = options;
    }

    /// <summary>The batches of one pass over the examples; the same for the same seed and round.</summary>
    /// <param name="examples">All examples.</param>
    /// <param name="round">Number of the pass, from 0.</param>
    /// <exception cref="ArgumentException">There is no example, or one does not fit a packed row.</exception>
    public IEnumerable<TokenBatch> Batches(IReadOnlyList<TokenizedExample> examples, int round = 0)
    {
        if (examples.Count == 0)
            throw new ArgumentException("Expected examples, found none.", nameof(examples));
        var order = _options.Shuffle ? StableShuffle.Order(examples.Count, _options.Seed, round) : [.. Enumerable.Range(0, examples.Count)];
        if (_options.GroupByLength)
            order = [.. order.OrderBy(i => examples[i].Length)];
        var rows = _options.PackLength is { } length ? Pack([.. order.Select(i => examples[i])], length) : [.. order.Select(i => (IReadOnlyList<TokenizedExample>)[examples[i]])];
        List<IReadOnlyList<TokenizedExample>[]> batches = [.. rows.Chunk(_options.Rows)];
        var batchOrder = _options is { GroupByLength: true, Shuffle: true } ? StableShuffle.Order(batches.Count, ~_options.Seed, round) : [.. Enumerable.Range(0, batches.Count)];
        return batchOrder.Select(i => Collate(batches[i]));
    }

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
        var mask = new bool[size];
        Array.Fill(ids, _options.PadId);
        Array.Fill(labels, NextToken.Ignored);
        Array.Fill(samples, -1);
        for (var row = 0; row < rows.Count; row++)
        {
            var at = row * length;
            for (var sample = 0; sample < rows[row].Count; sample++)
            {
                var example = rows[row][sample];
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
            Scored = NextToken.Align(labels, rows.Count, length, packed ? samples : default, turns),
            SampleNames = [.. rows.SelectMany(row => row).Select(example => example.Name)],
        };
    }

    private static List<IReadOnlyList<TokenizedExample>> Pack(IReadOnlyList<TokenizedExample> examples, int length)
    {
        var rows = new List<IReadOnlyList<TokenizedExample>>();
        var row = new List<TokenizedExample>();
        var used = 0;
        foreach (var example in examples)
        {
            if (example.Length > length)
                throw new ArgumentException($"{example.Name}: {example.Length} tokens do not fit a packed row of {length}.", nameof(examples));
            if (used + example.Length > length)
            {
                rows.Add(row);
                (row, used) = ([], 0);
            }

            row.Add(example);
            used += example.Length;
        }

        rows.Add(row);
        return rows;
    }
}
