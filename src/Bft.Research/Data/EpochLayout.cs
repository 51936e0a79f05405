namespace Bft.Research.Data;

/// <summary>Which samples meet in which row of which micro-batch of one epoch. A function of lengths, options, seed and epoch alone.</summary>
internal static class EpochLayout
{
    /// <summary>Micro-batches of a pool whose rows are sorted by length (<see cref="RowOrder.GroupedByLength"/>).</summary>
    internal const int PoolSize = 50;

    /// <summary>The micro-batches; each is a list of rows, each of which is a list of numbers of samples.</summary>
    /// <param name="lengths">[samples] tokens of each sample.</param>
    /// <param name="options">Order, packing, token budget.</param>
    /// <param name="rows">Rows of a micro-batch where no token budget is set.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    /// <exception cref="InvalidDataException">A sample is longer than a packed row or a micro-batch can be.</exception>
    public static int[][][] MicroBatches(int[] lengths, RowOptions options, int rows, long seed, int epoch)
    {
        var order = options.Order == RowOrder.AsRead ? [.. Enumerable.Range(0, lengths.Length)] : StableShuffle.Order(lengths.Length, seed, epoch);
        var groups = options.Packing == RowPacking.BestFit ? PackedRows(lengths, order, options, seed, epoch) : [.. order.Select(sample => (int[])[sample])];
        if (options.Order != RowOrder.GroupedByLength)
            return [.. Cut(groups, lengths, options, rows)];

        var pool = PoolSize * (options.TokensPerMicroBatch is { } budget ? Math.Max(1, budget / Math.Max(1, (int)groups.Average(row => Tokens(row, lengths)))) : rows);
        int[][][] batches = [.. groups.Chunk(pool).SelectMany(part => Cut([.. part.OrderByDescending(row => Tokens(row, lengths))], lengths, options, rows))];
        return [.. StableShuffle.Order(batches.Length, ~seed, epoch).Select(i => batches[i])];
    }

    /// <summary>Best fit over the whole epoch, rows in a random order of their own where samples are shuffled.</summary>
    private static int[][] PackedRows(int[] lengths, int[] order, RowOptions options, long seed, int epoch)
    {
        var packed = RowPacker.BestFit(lengths, order, options.PackLength ?? options.Cutoff);
        return options.Order == RowOrder.AsRead
            ? [.. packed.OrderBy(row => row.Min())]
            : [.. StableShuffle.Order(packed.Length, ~seed, epoch).Select(i => packed[i])];
    }

    /// <summary>Cuts rows into micro-batches, in order: by number, or as many as the token budget holds.</summary>
    private static IEnumerable<int[][]> Cut(int[][] groups, int[] lengths, RowOptions options, int rows)
    {
        var flat = options.Packing == RowPacking.PaddingFree;
        List<int[]> batch = [];
        int longest = 0, sum = 0;
        foreach (var group in groups)
        {
            var tokens = Tokens(group, lengths);
            if (tokens > (options.TokensPerMicroBatch ?? int.MaxValue))
                throw new InvalidDataException($"{nameof(RowOptions.TokensPerMicroBatch)}: expected at least {tokens}, the tokens of the longest row, actual {options.TokensPerMicroBatch}.");
            var size = flat ? sum + tokens : Math.Max(longest, tokens) * (batch.Count + 1);
            if (batch.Count > 0 && (options.TokensPerMicroBatch is { } budget ? size > budget : batch.Count == rows))
            {
                yield return Rows(batch, flat);
                (batch, longest, sum) = ([], 0, 0);
            }

            batch.Add(group);
            (longest, sum) = (Math.Max(longest, tokens), sum + tokens);
        }

        if (batch.Count > 0)
            yield return Rows(batch, flat);
    }

    private static int[][] Rows(List<int[]> batch, bool flat) => flat ? [[.. batch.SelectMany(row => row)]] : [.. batch];

    private static int Tokens(int[] row, int[] lengths) => row.Sum(sample => lengths[sample]);
}
