namespace Bft.Research.Training;

/// <summary>What one optimiser step did. All losses are of the accumulated batch before the step.</summary>
public sealed record StepReport
{
    /// <summary>Number of the step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Weighted loss that was minimised (nats). A weighted loss may rise while <see cref="MeanNll"/> falls: do not read it as progress.</summary>
    public required double Loss { get; init; }

    /// <summary>Plain mean of −log p over the supervised tokens (nats).</summary>
    public required double MeanNll { get; init; }

    /// <summary>Supervised tokens.</summary>
    public required long SupervisedTokens { get; init; }

    /// <summary>2-norm of all gradients before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Σ of all token coefficients: how much of SFT's gradient mass, which is 1, the objective kept.</summary>
    public required double WeightMass { get; init; }

    /// <summary>Mean sequence weight over samples that have supervised tokens.</summary>
    public required double SequenceWeightMean { get; init; }

    /// <summary>Tokens without padding that went through the model, per second of this step.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Seconds of this step.</summary>
    public required double Seconds { get; init; }

    /// <summary>Largest resident memory of the process so far, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }
}

/// <summary>What held-out rows say.</summary>
/// <param name="Step">Optimiser steps taken before.</param>
/// <param name="Tokens">Supervised tokens measured.</param>
/// <param name="MeanNll">Mean of −log p (nats).</param>
/// <param name="Accuracy">Part of tokens that are the most probable ones.</param>
/// <param name="MeanConfidence">Mean probability of the reference token.</param>
public sealed record EvaluationReport(int Step, long Tokens, double MeanNll, double Accuracy, double MeanConfidence);
