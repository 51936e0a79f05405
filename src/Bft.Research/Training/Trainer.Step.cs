using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Models.Gradients;
using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <content>One optimiser step: from micro-batches to gradients to changed weights.</content>
public sealed partial class Trainer
{
    /// <summary>One optimiser step over some micro-batches.</summary>
    /// <param name="microBatches">What is accumulated.</param>
    /// <param name="learningRate">Learning rate of the step.</param>
    /// <param name="cancellationToken">Stops between micro-batches and leaves the weights as they are.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, there is no supervised token, or memory did not suffice.</exception>
    public StepReport Step(IReadOnlyList<TokenBatch> microBatches, double learningRate, CancellationToken cancellationToken = default)
    {
        if (_torn)
            throw new InvalidOperationException("The optimiser ran out of memory amid a step; this trainer cannot go on.");
        var started = _time.GetTimestamp();
        var sums = Accumulate(microBatches, cancellationToken: cancellationToken);
        var norm = GradientClip.Apply(Tensors, _options.MaxGradientNorm);
        if (double.IsFinite(norm))
            Update(learningRate, microBatches);
        ZeroGradients();
        if (!double.IsFinite(norm))
            throw Stopped(StopCause.NonFinite, $"gradient norm is {norm}", microBatches);
        _state = _state with { Steps = Steps + 1, SkippedInARow = 0 };
        var seconds = _time.GetElapsedTime(started).TotalSeconds;
        return sums.ToReport(Steps, learningRate, norm, _options.MaxGradientNorm) with
        {
            Seconds = seconds,
            MemoryBytes = _memory.Read(),
            PeakMemoryBytes = _memory.PeakBytes,
            PeakFlopsPerSecond = Peak?.FlopsPerSecond,
        };
    }

    /// <summary>The denominators of a step over these micro-batches.</summary>
    internal static BatchTotals Totals(IReadOnlyList<TokenBatch> microBatches) =>
        new(microBatches.Sum(b => (long)b.Scored.Count), microBatches.Sum(b => b.Scored.Samples), microBatches.Count);

    /// <summary>Adds the gradients of micro-batches to what is there; zeroes all gradients when it is stopped.</summary>
    /// <param name="microBatches">What goes through the model.</param>
    /// <param name="totals">Denominators; null for those of these micro-batches.</param>
    /// <param name="cancellationToken">Stops between micro-batches.</param>
    internal StepSums Accumulate(IReadOnlyList<TokenBatch> microBatches, BatchTotals? totals = null, CancellationToken cancellationToken = default)
    {
        totals ??= Totals(microBatches);
        if (totals.Tokens == 0)
            throw Stopped(StopCause.NothingToLearn, "there is nothing to train on: no supervised token", microBatches);
        var sums = new StepSums(_flops);
        var complete = false;
        try
        {
            for (var i = 0; i < microBatches.Count; i++)
            {
                StopPoint.Pass(cancellationToken);
                Adapter?.StartDropout(Steps, i);
                if (microBatches[i].Scored.Count > 0)
                    Guarded(microBatches[i], totals, sums);
                _garbage.Keep();
            }

            complete = true;
        }
        finally
        {
            Adapter?.StopDropout();
            if (!complete)
                ZeroGradients();
        }

        return sums;
    }

    private void Guarded(TokenBatch batch, BatchTotals totals, StepSums sums)
    {
        try
        {
            Accumulate(batch, totals, sums);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            throw Stopped(StopCause.OutOfMemory, OutOfMemory.Describe(e, batch, Model, _options), [batch], e);
        }
    }

    private void Accumulate(TokenBatch batch, BatchTotals totals, StepSums sums)
    {
        using var scope = torch.NewDisposeScope();
        using var pass = TrainingPass.Run(Model, batch, _options.GradientCheckpointing, _work);
        var result = Model.HeadBackward(pass.Hidden, batch.Scored, _objective, totals, _options.Head);
        if (!double.IsFinite(result.Weighting.Loss))
            throw Stopped(StopCause.NonFinite, $"loss is {result.Weighting.Loss}", [batch]);
        pass.Backward(result.GradHidden);
        foreach (var tensor in Tensors)
            tensor.Collect();
        sums.Add(batch, result);
        Observe?.Invoke(batch, result);
    }

    private void ZeroGradients()
    {
        foreach (var tensor in Tensors)
            tensor.ZeroGradient();
    }

    private void Update(double learningRate, IReadOnlyList<TokenBatch> microBatches)
    {
        _torn = true;
        try
        {
            _adam.Step(learningRate);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            throw Stopped(StopCause.OutOfMemory, OutOfMemory.Describe(e), microBatches, e);
        }

        _torn = false;
    }

    private TrainingStoppedException Stopped(StopCause cause, string what, IEnumerable<TokenBatch> batches, Exception? inner = null) =>
        new(Steps + 1, cause, what, batches.SelectMany(b => b.SampleNames), inner);
}
