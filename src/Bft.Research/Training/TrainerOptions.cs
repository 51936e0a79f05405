using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Everything that defines a training run beside model and rows. Defaults: BFT v3 and the recipe of the paper's released example.</summary>
public sealed record TrainerOptions
{
    /// <summary>What is minimised.</summary>
    public ObjectiveOptions Objective { get; init; } = new();

    /// <summary>Shape of the adapter that is trained; null trains every parameter of the model.</summary>
    public LoraOptions? Lora { get; init; } = new();

    /// <summary>Learning rate at the end of warm-up.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Shape of the learning rate.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Numbers of that shape, where they are not its own.</summary>
    public ScheduleShape ScheduleShape { get; init; } = new();

    /// <summary>Part of all steps that is warm-up, rounded up; in [0, 1].</summary>
    public double WarmupRatio { get; init; } = 0.1;

    /// <summary>Steps of warm-up; when set, <see cref="WarmupRatio"/> is not used.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>Passes over the rows.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Optimiser steps of the run; when set, <see cref="Epochs"/> is not used.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Rows that go through the model together.</summary>
    public int RowsPerMicroBatch { get; init; } = 1;

    /// <summary>Micro-batches whose gradients make one optimiser step.</summary>
    public int Accumulation { get; init; } = 8;

    /// <summary>How rows are read, masked, ordered and packed.</summary>
    public RowOptions Rows { get; init; } = new();

    /// <summary>Largest 2-norm of all gradients together; +∞ turns clipping off.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Constants of AdamW.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>Whether weight decay also acts on biases and norms; transformers' trainer exempts them, plain torch.optim.AdamW does not.</summary>
    public bool DecayBiasesAndNorms { get; init; }

    /// <summary>Seed of row order, fresh adapter and dropout; not negative.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Optimiser steps between evaluations; 0 evaluates at the end only.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Whether only the input of every block is kept and the block computed again on the way back: less memory, about a third more time, the same gradients.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>When checkpoints are written and which are kept.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>What ends a run early, and by what the best checkpoint is chosen.</summary>
    public StoppingOptions Stopping { get; init; } = new();

    /// <summary>What happens at a loss or gradient that is not finite.</summary>
    public NonFiniteOptions NonFinite { get; init; } = new();

    /// <summary>Chunking of the LM head.</summary>
    public LmHeadOptions Head { get; init; } = new();

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(bool good, string name, string expected, object? actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {actual}");
        }

        Check(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), "a finite number above 0", LearningRate);
        Check(Enum.IsDefined(Schedule), nameof(Schedule), "a schedule", Schedule);
        Check(WarmupRatio is >= 0 and <= 1, nameof(WarmupRatio), "a number in [0, 1]", WarmupRatio);
        Check(WarmupSteps is null or >= 0, nameof(WarmupSteps), "a whole number of at least 0", WarmupSteps);
        Check(Epochs >= 1, nameof(Epochs), "a whole number above 0", Epochs);
        Check(MaxSteps is null or >= 1, nameof(MaxSteps), "a whole number above 0", MaxSteps);
        Check(RowsPerMicroBatch >= 1, nameof(RowsPerMicroBatch), "a whole number above 0", RowsPerMicroBatch);
        Check(Accumulation >= 1, nameof(Accumulation), "a whole number above 0", Accumulation);
        Check(MaxGradientNorm > 0, nameof(MaxGradientNorm), "a number above 0", MaxGradientNorm);
        Check(Seed >= 0, nameof(Seed), "a whole number of at least 0", Seed);
        Check(EvaluateEvery >= 0, nameof(EvaluateEvery), "a whole number of at least 0", EvaluateEvery);
        problems.AddRange(ScheduleShape.Validate(Schedule, LearningRate).Select(p => $"ScheduleShape.{p}"));
        problems.AddRange(Rows.Validate().Select(p => $"Rows.{p}"));
        problems.AddRange(Objective.Validate().Select(p => $"Objective.{p}"));
        problems.AddRange(Optimizer.Validate().Select(p => $"Optimizer.{p}"));
        problems.AddRange(Lora?.Validate().Select(p => $"Lora.{p}") ?? []);
        Check(Stopping.Patience is null || EvaluateEvery > 0, nameof(EvaluateEvery), "a whole number above 0 beside Stopping.Patience", EvaluateEvery);
        problems.AddRange(Checkpoints.Validate().Select(p => $"Checkpoints.{p}"));
        problems.AddRange(Stopping.Validate().Select(p => $"Stopping.{p}"));
        problems.AddRange(NonFinite.Validate().Select(p => $"NonFinite.{p}"));
        problems.AddRange(Head.Validate().Select(p => $"Head.{p}"));
        return problems;
    }

    /// <summary>The learning rates of a run of <paramref name="totalSteps"/> optimiser steps.</summary>
    /// <exception cref="ArgumentException">Warm-up and decay of <see cref="ScheduleKind.WarmupStableDecay"/> are longer than the run.</exception>
    public LearningRateSchedule ScheduleOver(int totalSteps)
    {
        var warmup = WarmupSteps ?? (int)Math.Ceiling(WarmupRatio * totalSteps);
        if (ScheduleShape is { DecaySteps: { } decay, StableSteps: null } && warmup + decay > totalSteps)
            throw new ArgumentException($"ScheduleShape.DecaySteps: expected at most {Math.Max(0, totalSteps - warmup)}, the {totalSteps} steps of the run without {warmup} of warm-up, actual {decay}.", nameof(totalSteps));
        return new() { Kind = Schedule, Shape = ScheduleShape, Peak = LearningRate, TotalSteps = totalSteps, WarmupSteps = warmup };
    }
}
