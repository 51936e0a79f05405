namespace Bft.Research.Training;

/// <summary>Rows that are only measured.</summary>
public enum EvaluationSet
{
    /// <summary>Rows of the same kind as those trained on: what was learnt.</summary>
    HeldOut,

    /// <summary>General text: what was forgotten.</summary>
    General,
}

/// <summary>A number of <see cref="EvaluationReport"/> by which checkpoints are compared.</summary>
public enum HeldOutMetric
{
    /// <summary>Mean of −log p; lower is better.</summary>
    MeanNll,

    /// <summary>Part of tokens that are the most probable ones; higher is better.</summary>
    Accuracy,

    /// <summary>Mean probability of the reference token; higher is better.</summary>
    MeanConfidence,
}

/// <summary>What rows say that are only measured.</summary>
/// <param name="Step">Optimiser steps taken before.</param>
/// <param name="Tokens">Supervised tokens measured.</param>
/// <param name="MeanNll">Mean of −log p (nats).</param>
/// <param name="Accuracy">Part of tokens that are the most probable ones.</param>
/// <param name="MeanConfidence">Mean probability of the reference token.</param>
public sealed record EvaluationReport(int Step, long Tokens, double MeanNll, double Accuracy, double MeanConfidence)
{
    /// <summary>Which rows.</summary>
    public EvaluationSet Set { get; init; }

    /// <summary>Mean of −log p less that before the first step (nats): above 0, something was forgotten. Null for held-out rows.</summary>
    public double? NllChange { get; init; }

    /// <summary>The value of a metric, turned so that higher is better.</summary>
    internal double Merit(HeldOutMetric metric) => metric switch
    {
        HeldOutMetric.MeanNll => -MeanNll,
        HeldOutMetric.Accuracy => Accuracy,
        _ => MeanConfidence,
    };
}
