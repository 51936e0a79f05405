using Bft.Research.Data;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Models.Gradients;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Trains a decoder, or LoRA on it, with one objective. One loop: micro-batches, clipping, AdamW, schedule, evaluation, report.</summary>
/// <remarks>
/// The denominators of a step are counted over all its micro-batches before the first goes through the model, so with the default reductions
/// any split into micro-batches gives the same step. Weights of the objective carry no gradient. The adapter stays attached to the model and is
/// the caller's to save, merge or dispose; disposing the trainer frees optimiser state and turns gradients off.
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly TrainerOptions _options;
    private readonly IObjective _objective;
    private readonly AdamW _adam;
    private readonly GradientWorkspace? _work;
    private readonly TimeProvider _time;
    private readonly TrainingFlops _flops;
    private readonly MemoryMeter _memory;
    private readonly GarbageLimit _garbage = new();
    private TrainingState _state = new();
    private RunBasis? _basis;
    private CheckpointFolder? _resumed;
    private bool _torn; // the optimiser was stopped among the tensors of a step

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
        _work = GradientWorkspace.For(model);
        foreach (var tensor in Tensors)
            tensor.Register(_work?.Sums);
        _flops = TrainingFlops.Of(model.Config, Adapter, options);
        _memory = MemoryMeter.Of(model.Device);
    }

    /// <summary>The model.</summary>
    public CausalLm Model { get; }

    /// <summary>The adapter that is trained, or null for full fine-tuning.</summary>
    public LoraAdapter? Adapter { get; }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<TrainedTensor> Tensors { get; }

    /// <summary>Steps of the plan that are behind: optimiser steps taken, and those left out (<see cref="OnNonFinite.Skip"/>).</summary>
    public int Steps => _state.Steps;

    /// <summary>The optimiser.</summary>
    internal AdamW Optimizer => _adam;

    /// <summary>What the device can do at most in the working precision, for the utilisation in reports; null for none.</summary>
    public DevicePeak? Peak { get; set; }

    /// <summary>Measures the memory of the model's device.</summary>
    internal MemoryMeter Memory => _memory;

    /// <summary>Called after every micro-batch with its tokens, log-probabilities and weights, for diagnostics; the gradient is gone by then.</summary>
    public Action<TokenBatch, LmHeadResult>? Observe { get; set; }

    /// <summary>Runs the rest of a plan.</summary>
    /// <param name="plan">Rows of every step.</param>
    /// <param name="heldOut">Batches measured every <see cref="TrainerOptions.EvaluateEvery"/> steps and at the end; empty for none.</param>
    /// <param name="progress">Gets one report a step.</param>
    /// <param name="evaluations">Gets one report an evaluation.</param>
    /// <param name="cancellationToken">Stops between micro-batches; the step under way is given up and the weights are those of the last full step.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, a step has no supervised token, or memory did not suffice.</exception>
    public TrainingEnd Run(
        BatchPlan plan,
        IReadOnlyList<TokenBatch>? heldOut = null,
        IProgress<StepReport>? progress = null,
        IProgress<EvaluationReport>? evaluations = null,
        CancellationToken cancellationToken = default) =>
        Run(new() { Plan = plan, HeldOut = heldOut ?? [], Steps = progress, Evaluations = evaluations }, cancellationToken);

    /// <summary>Takes the remaining steps of a run: measures, writes checkpoints, and stops where options or trouble ask for it.</summary>
    /// <param name="task">Plan, rows that are only measured, checkpoints, and who is told.</param>
    /// <param name="cancellationToken">Stops between micro-batches; the step under way is given up, and the last full step is kept as a checkpoint.</param>
    /// <exception cref="ArgumentException">The options ask for something that the task lacks.</exception>
    /// <exception cref="ResumeRefusedException">As for <see cref="Resume"/>.</exception>
    /// <exception cref="TrainingCancelledException">Cancelled; names the checkpoint. Without checkpoints it is the plain <see cref="OperationCanceledException"/>.</exception>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, a step has no supervised token, or memory did not suffice; names the last good checkpoint.</exception>
    public TrainingEnd Run(TrainingTask task, CancellationToken cancellationToken = default)
    {
        task.Require(_options);
        Resume(task);
        var schedule = _options.ScheduleOver(task.Plan.Steps);
        var watch = new TrainingWatch(Model, _options, task);
        var clock = new StepClock(_time);
        try
        {
            while (true)
            {
                _state = watch.Look(_state, cancellationToken);
                var end = watch.End(_state);
                if (end is not null || watch.WantsCheckpoint(_state))
                    Keep(task);
                if (end is { } reason)
                    return new(reason, Steps, _state.Skipped, _state.BestStep, task.Checkpoints?.Of(_state.BestStep));
                Take(task, schedule.At(Steps), clock, cancellationToken);
            }
        }
        catch (OperationCanceledException e)
        {
            throw Rescue(task) is { } checkpoint ? new TrainingCancelledException(Steps, checkpoint, e) : e;
        }
        catch (TrainingStoppedException e)
        {
            throw e.With(Rescue(task));
        }
    }

    /// <summary>Goes to the checkpoint from which the run of a task starts, if it has one. <see cref="Run(TrainingTask, CancellationToken)"/> does this first; here it can be done before a log is opened.</summary>
    /// <param name="task">The run.</param>
    /// <exception cref="ResumeRefusedException">Model, rows or options are not those of the checkpoint; names every difference. Nothing was changed.</exception>
    /// <exception cref="Checkpoints.CheckpointException">A file of the checkpoint is damaged.</exception>
    /// <exception cref="InvalidOperationException">The trainer has taken steps.</exception>
    public void Resume(TrainingTask task)
    {
        if (task.Checkpoints is not { } folder || ReferenceEquals(_resumed, folder))
            return;
        _basis ??= RunBasis.Of(Model, _options, task);
        if (folder.Start is { } start)
        {
            if (_state != new TrainingState())
                throw new InvalidOperationException("A run can only be resumed by a trainer that has taken no step.");
            _state = start.Restore(this, _basis, task);
            folder.RemoveLater();
            task.Notes?.Report($"resumed after step {Steps} of {task.Plan.Steps} from {start.Folder}");
        }

        _resumed = folder;
    }

    /// <summary>Writes what was trained as a whole or not at all: a PEFT folder, or a Hugging Face folder of the full model.</summary>
    /// <param name="folder">Target; absent or empty.</param>
    /// <param name="baseModel">Name or path of the base model, recorded in a PEFT folder.</param>
    /// <param name="allowUntrained">Whether an adapter whose updates are all zero may be written, such as the start of a run.</param>
    /// <exception cref="UntrainedAdapterException">The adapter changes nothing, and that is not allowed.</exception>
    public void Save(string folder, string? baseModel = null, bool allowUntrained = false)
    {
        if (Adapter is { IsIdle: true, Layers.Count: var layers } && !allowUntrained)
            throw new UntrainedAdapterException(folder, layers, Steps);
        if (Adapter is not null)
            Adapter.Save(folder, baseModel);
        else
            Model.Save(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _adam.Dispose();
        _work?.Dispose();
        foreach (var tensor in Tensors)
            tensor.Dispose();
    }

    /// <summary>Takes the next step of a plan, or leaves it out where the policy allows that.</summary>
    private void Take(TrainingTask task, double learningRate, StepClock clock, CancellationToken cancellationToken)
    {
        var skipped = _state.SkippedInARow;
        try
        {
            var report = Step(task.Plan[Steps], learningRate, cancellationToken);
            task.Steps?.Report(report with { SkippedSteps = skipped, TotalSteps = task.Plan.Steps, SecondsLeft = clock.SecondsLeft(task.Plan.Steps - Steps) });
        }
        catch (TrainingStoppedException e) when (e.Cause == StopCause.NonFinite && _options.NonFinite.Allows(skipped))
        {
            _state = _state with { Steps = Steps + 1, Skipped = _state.Skipped + 1, SkippedInARow = skipped + 1 };
            task.Skips?.Report(new(Steps, e.What, e.Rows, skipped + 1, _state.Skipped));
        }
    }

    /// <summary>Writes the checkpoint of the last full step if that is still possible; gives the newest there is.</summary>
    private string? Rescue(TrainingTask task)
    {
        try
        {
            return _torn ? task.Checkpoints?.Newest : Keep(task);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || OutOfMemory.Is(e))
        {
            task.Notes?.Report($"no checkpoint of step {Steps}: {e.Message}");
            return task.Checkpoints?.Newest;
        }
    }

    /// <summary>Writes the checkpoint of the last full step; gives its folder, or null without checkpoints.</summary>
    private string? Keep(TrainingTask task)
    {
        if (task.Checkpoints is not { } folder || _basis is null)
            return null;
        task.Flush?.Invoke();
        var (path, isNew) = folder.Save(_state, _options.Checkpoints.Keep, place => TrainingCheckpoint.Write(place, this, _state, _basis, task));
        if (isNew)
            task.Notes?.Report($"checkpoint of step {Steps}: {path}");
        return path;
    }

    private static bool IsBiasOrNorm(string name) =>
        name.EndsWith(".bias", StringComparison.Ordinal) || name.EndsWith("norm.weight", StringComparison.Ordinal);
}
