namespace Bft.Research.Training;

/// <summary>When a run writes checkpoints and which it keeps. Without <see cref="TrainingTask.Checkpoints"/> none is written. May differ between a run and its resumption.</summary>
/// <remarks>One is also written at the end of a run, and when a run is cancelled or has to stop. With LoRA a checkpoint takes three times the adapter; of full training, the weights and two or three float32 copies.</remarks>
public sealed record CheckpointOptions
{
    /// <summary>Optimiser steps between checkpoints; 0 writes them at the end, at a stop, and at a new best only.</summary>
    public int Every { get; init; } = 100;

    /// <summary>How many of the last are kept; the best is kept beside them.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Every < 0)
            problems.Add($"Every: expected a whole number of at least 0, actual {Every}");
        if (Keep < 1)
            problems.Add($"Keep: expected a whole number above 0, actual {Keep}");
        return problems;
    }
}
