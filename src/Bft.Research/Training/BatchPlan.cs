using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>Which rows go into which micro-batch of which optimiser step; any step can be asked for at any time and is always the same.</summary>
/// <remarks>
/// Rows are cut into micro-batches and these into steps inside each epoch; the last of each may be shorter. Order comes from the seed and the
/// epoch alone (<see cref="StableShuffle"/>), so it is the same on every machine and version.
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

    /// <summary>Optimiser steps of one epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The micro-batches of a step, counted from 0; made anew at each call.</summary>
    public IReadOnlyList<TokenBatch> this[int step] => _make(step);

    /// <summary>A plan over numbered rows.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="collate">Makes a micro-batch of the rows with these numbers.</param>
    /// <param name="options">Rows per micro-batch, accumulation, epochs or steps, order, seed.</param>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public static BatchPlan Over(int rows, Func<IReadOnlyList<int>, TokenBatch> collate, TrainerOptions options)
    {
        if (rows < 1)
            throw new InvalidDataException("There is nothing to train on: no rows.");
        var rowsPerStep = options.RowsPerMicroBatch * options.Accumulation;
        var stepsPerEpoch = (rows + rowsPerStep - 1) / rowsPerStep;
        return new(options.MaxSteps ?? checked(stepsPerEpoch * options.Epochs), stepsPerEpoch, step =>
        {
            var order = options.Shuffle ? StableShuffle.Order(rows, options.Seed, step / stepsPerEpoch) : [.. Enumerable.Range(0, rows)];
            var ofStep = order.Skip(step % stepsPerEpoch * rowsPerStep).Take(rowsPerStep);
            return [.. ofStep.Chunk(options.RowsPerMicroBatch).Select(collate)];
        });
    }

    /// <summary>A plan of steps that are laid out already.</summary>
    public static BatchPlan Of(IReadOnlyList<IReadOnlyList<TokenBatch>> steps) => new(steps.Count, steps.Count, step => steps[step]);
}
