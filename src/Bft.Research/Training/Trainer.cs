using Bft.Research.Data;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Trains a decoder, or LoRA on it, with one objective. One loop: micro-batches, clipping, AdamW, schedule, evaluation, report.</summary>
/// <remarks>
/// The denominators of a step are counted over all its micro-batches before the first goes through the model, so with the default reductions
/// any split into micro-batches gives the same step. Weights of the objective carry no gradient. The adapter stays attached to the model and is
/// the caller's to save, merge or dispose; disposing the trainer frees optimiser state and turns gradients off.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly TrainerOptions _options;
    private readonly IObjective _objective;
    private readonly AdamW _adam;
    private readonly TimeProvider _time;
    private readonly TrainingFlops _flops;
    private readonly MemoryMeter _memory;

    /// <summary>Gets a model ready for training; with <see cref="TrainerOptions.Lora"/> set the base is frozen and an adapter trained.</summary>
    /// <param name="model">The model; not owned.</param>
    /// <param name="options">What is done; all problems are thrown together.</param>
    /// <param name="adapter">An adapter that the model carries already, to train on; null makes a fresh one where the options ask for one.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    /// <exception cref="ArgumentException">The options have problems, or an adapter is given for full fine-tuning.</exception>
    public Trainer(CausalLm model, TrainerOptions options, LoraAdapter? adapter = null, TimeProvider? time = null)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Trainer options: {string.Join("; ", problems)}.", nameof(options));
        if (options.Lora is null && adapter is not null)
            throw new ArgumentException("Lora: expected options for the adapter that is given, actual null (full fine-tuning).", nameof(options));
        Model = model;
        _options = options;
        _objective = Objective.Create(options.Objective);
        _time = time ?? TimeProvider.System;
        Adapter = options.Lora is { } lora ? adapter ?? LoraAdapter.Create(model, lora, options.Seed) : null;
        Tensors = [.. (Adapter?.Parameters ?? model.Parameters).Select(p => new TrainedTensor(p.Name, p.Value, options.DecayBiasesAndNorms || !IsBiasOrNorm(p.Name)))];
        _adam = new(Tensors, options.Optimizer);
        _flops = new(model.Config, Adapter?.Parameters.Sum(p => p.Value.numel()), options.Head, options.GradientCheckpointing);
        _memory = MemoryMeter.Of(model.Device);
    }

    /// <summary>The model.</summary>
    public CausalLm Model { get; }

    /// <summary>The adapter that is trained, or null for full fine-tuning.</summary>
    public LoraAdapter? Adapter { get; }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<TrainedTensor> Tensors { get; }

    /// <summary>Optimiser steps taken.</summary>
    public int Steps => _adam.Steps;

    /// <summary>What the device can do at most in the working precision, for the utilisation in reports; null for none.</summary>
    public DevicePeak? Peak { get; set; }

    /// <summary>Called after every micro-batch with its tokens, log-probabilities and weights, for diagnostics; the gradient is gone by then.</summary>
    public Action<TokenBatch, LmHeadResult>? Observe { get; set; }

    /// <summary>Runs the rest of a plan.</summary>
    /// <param name="plan">Rows of every step.</param>
    /// <param name="heldOut">Batches measured every <see cref="TrainerOptions.EvaluateEvery"/> steps and at the end; empty for none.</param>
    /// <param name="progress">Gets one report a step.</param>
    /// <param name="evaluations">Gets one report an evaluation.</param>
    /// <param name="cancellationToken">Stops between micro-batches; the step under way is given up and the weights are those of the last full step.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, or a step has no supervised token.</exception>
    public void Run(
        BatchPlan plan,
        IReadOnlyList<TokenBatch>? heldOut = null,
        IProgress<StepReport>? progress = null,
        IProgress<EvaluationReport>? evaluations = null,
        CancellationToken cancellationToken = default) =>
        Run(
            plan,
            progress,
            heldOut is { Count: > 0 } && evaluations is not null ? () => evaluations.Report(HeldOut.Measure(Model, heldOut, Steps, _options.Head, cancellationToken)) : null,
            cancellationToken);

    /// <summary>Runs the rest of a plan, with a measurement of the caller's own.</summary>
    /// <param name="plan">Rows of every step.</param>
    /// <param name="progress">Gets one report a step; null for nobody.</param>
    /// <param name="evaluate">Called every <see cref="TrainerOptions.EvaluateEvery"/> steps and at the end; null for never.</param>
    /// <param name="cancellationToken">Stops between micro-batches; the step under way is given up and the weights are those of the last full step.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, or a step has no supervised token.</exception>
    public void Run(BatchPlan plan, IProgress<StepReport>? progress, Action? evaluate, CancellationToken cancellationToken)
    {
        var schedule = _options.ScheduleOver(plan.Steps);
        var clock = new StepClock(_time);
        while (Steps < plan.Steps)
        {
            var report = Step(plan[Steps], schedule.At(Steps), cancellationToken);
            progress?.Report(report with { TotalSteps = plan.Steps, SecondsLeft = clock.SecondsLeft(plan.Steps - Steps) });
            if (Steps == plan.Steps || (_options.EvaluateEvery > 0 && Steps % _options.EvaluateEvery == 0))
                evaluate?.Invoke();
        }
    }

    /// <summary>One optimiser step over some micro-batches.</summary>
    /// <param name="microBatches">What is accumulated.</param>
    /// <param name="learningRate">Learning rate of the step.</param>
    /// <param name="cancellationToken">Stops between micro-batches and leaves the weights as they are.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, or there is no supervised token.</exception>
    public StepReport Step(IReadOnlyList<TokenBatch> microBatches, double learningRate, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var sums = Accumulate(microBatches, cancellationToken: cancellationToken);
        var norm = GradientClip.Apply(Tensors, _options.MaxGradientNorm);
        if (double.IsFinite(norm))
            _adam.Step(learningRate);
        ZeroGradients();
        if (!double.IsFinite(norm))
            throw Stopped($"gradient norm is {norm}", microBatches);
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
            throw Stopped("there is nothing to train on: no supervised token", microBatches);
        var sums = new StepSums(_flops);
        var complete = false;
        try
        {
            for (var i = 0; i < microBatches.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Adapter?.StartDropout(Steps, i);
                if (microBatches[i].Scored.Count > 0)
                    Accumulate(microBatches[i], totals, sums);
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

    /// <summary>Writes what was trained as a whole or not at all: a PEFT folder, or a Hugging Face folder of the full model.</summary>
    /// <param name="folder">Target; absent or empty.</param>
    /// <param name="baseModel">Name or path of the base model, recorded in a PEFT folder.</param>
    public void Save(string folder, string? baseModel = null)
    {
        if (Adapter is not null)
            Adapter.Save(folder, baseModel);
        else
            Model.Save(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _adam.Dispose();
        foreach (var tensor in Tensors)
            tensor.Dispose();
    }

    private void Accumulate(TokenBatch batch, BatchTotals totals, StepSums sums)
    {
        using var scope = torch.NewDisposeScope();
        using var pass = TrainingPass.Run(Model, batch, _options.GradientCheckpointing);
        var result = Model.HeadBackward(pass.Hidden, batch.Scored, _objective, totals, _options.Head);
        if (!double.IsFinite(result.Weighting.Loss))
            throw Stopped($"loss is {result.Weighting.Loss}", [batch]);
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

    private TrainingStoppedException Stopped(string what, IEnumerable<TokenBatch> batches) =>
        new(Steps + 1, what, batches.SelectMany(b => b.SampleNames));

    private static bool IsBiasOrNorm(string name) =>
        name.EndsWith(".bias", StringComparison.Ordinal) || name.EndsWith("norm.weight", StringComparison.Ordinal);
}
