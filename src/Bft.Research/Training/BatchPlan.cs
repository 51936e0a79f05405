using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>Which rows go into which micro-batch of which optimiser step; any step can be asked for at any time and is always the same.</summary>
/// <remarks>
/// The position of a run in its data is the number of its next step and nothing else. Samples are laid out in micro-batches and these cut into steps
/// inside each epoch; the last of each may be smaller. The layout comes from the lengths, the options, the seed and the epoch alone, so it is the same on
/// every machine and version. With a token budget or packing the epochs of a run may differ by a few steps.
/// </remarks>
public sealed class BatchPlan
{
    private readonly Func<int, IReadOnlyList<TokenBatch>> _make;

    private BatchPlan(int steps, int stepsPerEpoch, Func<int, IReadOnlyList<TokenBatch>> make)
    {
        Steps = steps;
        StepsPerEpoch = stepsPerEpoch;
        _make = make;
    }

    /// <summary>Optimiser steps of the run.</summary>
    public int Steps { get; }

    /// <summary>What the first epoch comes to, without making a batch; null when the lengths of rows are not known beforehand.</summary>
    public LayoutTotals? FirstEpoch { get; private init; }

    /// <summary>Optimiser steps of the first epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The micro-batches of a step, counted from 0; made anew at each call.</summary>
    public IReadOnlyList<TokenBatch> this[int step] => _make(step);

    /// <summary>A plan over rows: padded, packed or free of padding, in the order and by the token budget of <see cref="TrainerOptions.Rows"/>.</summary>
    /// <param name="rows">What is trained on.</param>
    /// <param name="options">Rows per micro-batch, accumulation, epochs or steps, seed, and how rows are laid out.</param>
    /// <exception cref="InvalidDataException">A row is longer than the token budget or a packed row.</exception>
    public static BatchPlan Over(RowSet rows, TrainerOptions options)
    {
        int[] lengths = [.. rows.Examples.Select(example => example.Length)];
        var collator = new Collator(rows.PadId);
        return Over(
            epoch => EpochLayout.MicroBatches(lengths, options.Rows, options.RowsPerMicroBatch, options.Seed, epoch),
            batch => collator.Collate([.. batch.Select(row => row.Select(sample => rows.Examples[sample]).ToArray())]),
            options,
            first => LayoutTotals.Of(first, lengths));
    }

    /// <summary>A plan over numbered rows, one sample each, for rows that are made when they are needed.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="collate">Makes a micro-batch of the rows with these numbers.</param>
    /// <param name="options">Rows per micro-batch, accumulation, epochs or steps, order, seed.</param>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    /// <exception cref="ArgumentException">The options ask for packing, a token budget or an order by length, which need the lengths of all rows.</exception>
    public static BatchPlan Over(int rows, Func<IReadOnlyList<int>, TokenBatch> collate, TrainerOptions options)
    {
        if (rows < 1)
            throw new InvalidDataException("There is nothing to train on: no rows.");
        if (options.Rows is not { Packing: RowPacking.None, TokensPerMicroBatch: null, Order: not RowOrder.GroupedByLength })
            throw new ArgumentException("Rows: packing, a token budget and an order by length need the lengths of all rows.", nameof(options));
        var lengths = new int[rows];
        return Over(
            epoch => EpochLayout.MicroBatches(lengths, options.Rows, options.RowsPerMicroBatch, options.Seed, epoch),
            batch => collate([.. batch.Select(row => row[0])]),
            options);
    }

    /// <summary>A plan of steps that are laid out already.</summary>
    public static BatchPlan Of(IReadOnlyList<IReadOnlyList<TokenBatch>> steps) => new(steps.Count, steps.Count, step => steps[step]);

    private static BatchPlan Over(Func<int, int[][][]> layout, Func<int[][], TokenBatch> collate, TrainerOptions options, Func<int[][][], LayoutTotals>? totals = null)
    {
        var epochs = new EpochSteps(layout, options.Accumulation);
        var steps = options.MaxSteps ?? Enumerable.Range(0, options.Epochs).Sum(epochs.Count);
        return new(steps, epochs.Count(0), step => [.. epochs[step].Select(collate)]) { FirstEpoch = totals?.Invoke(layout(0)) };
    }

    /// <summary>Finds the micro-batches of a step; keeps the layout of the epoch asked for last.</summary>
    private sealed class EpochSteps(Func<int, int[][][]> layout, int accumulation)
    {
        private readonly List<int> _ends = []; // of every epoch laid out so far, in steps from the start of the run
        private (int Epoch, int[][][] Batches) _last = (-1, []);

        public int[][][] this[int step]
        {
            get
            {
                var epoch = 0;
                while (End(epoch) <= step)
                    epoch++;
                var inEpoch = step - (epoch == 0 ? 0 : End(epoch - 1));
                return [.. Layout(epoch).Skip(inEpoch * accumulation).Take(accumulation)];
            }
        }

        public int Count(int epoch) => End(epoch) - (epoch == 0 ? 0 : End(epoch - 1));

        private int End(int epoch)
        {
            while (_ends.Count <= epoch)
                _ends.Add(checked((_ends.Count == 0 ? 0 : _ends[^1]) + (Layout(_ends.Count).Length + accumulation - 1) / accumulation));
            return _ends[epoch];
        }

        private int[][][] Layout(int epoch)
        {
            if (_last.Epoch != epoch)
                _last = (epoch, layout(epoch));
            return _last.Batches;
        }
    }
}
