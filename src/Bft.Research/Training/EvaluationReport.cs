namespace Bft.Research.Training;

/// <summary>What held-out rows say.</summary>
/// <param name="Step">Optimiser steps taken before.</param>
/// <param name="Tokens">Supervised tokens measured.</param>
/// <param name="MeanNll">Mean of −log p (nats).</param>
/// <param name="Accuracy">Part of tokens that are the most probable ones.</param>
/// <param name="MeanConfidence">Mean probability of the reference token.</param>
public sealed record EvaluationReport(int Step, long Tokens, double MeanNll, double Accuracy, double MeanConfidence);
