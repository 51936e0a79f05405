namespace Bft.Results;

/// <summary>A training run at one moment, for a figure that follows it.</summary>
/// <param name="Step">Optimiser steps taken.</param>
/// <param name="Steps">Optimiser steps of the run; 0 when not known.</param>
/// <param name="Nll">Plain negative log-likelihood by step: of the training batches, then of every set that is measured on the way.</param>
/// <param name="Loss">The weighted loss that is minimised, by step.</param>
/// <param name="LearningRate">Learning rate by step.</param>
/// <param name="Speed">Speed, utilisation and memory in words; they differ from run to run, so a finished figure leaves them out.</param>
/// <param name="SecondsLeft">Seconds that the rest takes; null when not known.</param>
public sealed record TrainingSnapshot(int Step, int Steps, IReadOnlyList<Curve> Nll, Curve Loss, Curve LearningRate, string Speed, double? SecondsLeft);
