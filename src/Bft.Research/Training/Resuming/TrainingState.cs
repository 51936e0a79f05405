namespace Bft.Research.Training;

/// <summary>Where a run stands, beside its tensors. What follows depends on this, the tensors, the options and the rows alone.</summary>
/// <remarks>Randomness has no state: row order follows from seed and epoch (<see cref="Data.StableShuffle"/>), dropout from seed, step, micro-batch and layer.</remarks>
internal sealed record TrainingState
{
    /// <summary>Steps of the plan that are behind: those taken and those skipped. The next step takes the rows of this number.</summary>
    public int Steps { get; init; }

    /// <summary>Last number of steps after which everything due was measured; −1 before the first measurement.</summary>
    public int Settled { get; init; } = -1;

    /// <summary>Steps that were left out.</summary>
    public int Skipped { get; init; }

    /// <summary>Steps that were left out since the last that was taken.</summary>
    public int SkippedInARow { get; init; }

    /// <summary>Steps before the best evaluation so far, or null.</summary>
    public int? BestStep { get; init; }

    /// <summary>Its value, turned so that higher is better.</summary>
    public double? BestMerit { get; init; }

    /// <summary>Evaluations since the best.</summary>
    public int EvaluationsWithoutGain { get; init; }

    /// <summary>Mean −log p of general text before the first step.</summary>
    public double? GeneralStart { get; init; }

    /// <summary>Its last change, nats.</summary>
    public double? GeneralChange { get; init; }
}
