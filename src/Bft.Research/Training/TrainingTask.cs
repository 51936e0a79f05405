using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>What a trainer works through, and who is told.</summary>
public sealed record TrainingTask
{
    /// <summary>Rows of every step.</summary>
    public required BatchPlan Plan { get; init; }

    /// <summary>The rows of the plan, so that a resumption with others can name the first that differs; empty when the plan was not made of rows.</summary>
    public IReadOnlyList<TokenizedExample> Rows { get; init; } = [];

    /// <summary>Batches measured every <see cref="TrainerOptions.EvaluateEvery"/> steps and at the end; empty for none.</summary>
    public IReadOnlyList<TokenBatch> HeldOut { get; init; } = [];

    /// <summary>General text, measured before the first step, every <see cref="StoppingOptions.ForgettingEvery"/> steps and at the end; empty for none.</summary>
    public IReadOnlyList<TokenBatch> General { get; init; } = [];

    /// <summary>Where checkpoints are written, and the one to resume from; not owned. Null writes none.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>Pauses after this many steps of the plan, as an interruption would; null goes on to the end. Learning rates stay those of the whole plan.</summary>
    public int? StopAfter { get; init; }

    /// <summary>
    /// Whether a resumption may differ in how a step is computed: rows of a micro-batch against accumulation (as many rows a step), gradient checkpointing, tiles of the LM head. The run then
    /// goes on with the same steps, but no longer byte by byte: for the case that memory did not suffice.
    /// </summary>
    public bool AllowRounding { get; init; }

    /// <summary>SHA-256 of what the weights of the model were read from, which a resumption compares; null digests every parameter, about as long again as hashing the files.</summary>
    public string? ModelDigest { get; init; }

    /// <summary>Name or path of the base model, recorded in the adapter of every checkpoint.</summary>
    public string? BaseModel { get; init; }

    /// <summary>Gets one report a step; null for nobody.</summary>
    public IProgress<StepReport>? Steps { get; init; }

    /// <summary>Gets one report a measurement, held-out rows or general text; null for nobody.</summary>
    public IProgress<EvaluationReport>? Evaluations { get; init; }

    /// <summary>Gets one report a step that is left out; null for nobody.</summary>
    public IProgress<SkippedStep>? Skips { get; init; }

    /// <summary>Gets a line when a checkpoint was written or the run was resumed; null for nobody.</summary>
    public IProgress<string>? Notes { get; init; }

    /// <summary>Called whenever held-out rows are due, for measurements of the caller's own; null for never.</summary>
    public Action? Evaluate { get; init; }

    /// <summary>Called before a checkpoint appears, to make reports durable: a checkpoint never knows of a step that the log does not.</summary>
    public Action? Flush { get; init; }

    /// <exception cref="ArgumentException">The options ask for something that the run lacks.</exception>
    internal void Require(TrainerOptions options)
    {
        if (options.Stopping.Patience is not null && HeldOut.Count == 0)
            throw new ArgumentException("Stopping.Patience: expected held-out rows beside it, actual none.", nameof(options));
        if (options.Stopping.MaxForgetting is not null && General.Count == 0)
            throw new ArgumentException("Stopping.MaxForgetting: expected general text beside it, actual none.", nameof(options));
    }
}
