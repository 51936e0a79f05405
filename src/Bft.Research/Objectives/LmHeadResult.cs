namespace Bft.Research.Objectives;

/// <summary>What the LM head gives for one micro-batch.</summary>
/// <param name="Weighting">Loss, coefficients and weights of the objective.</param>
/// <param name="LogProbs">[S] natural-log probabilities of the targets, in the order of the scored positions.</param>
/// <param name="GradHidden">[B,T,D] ∂L/∂hidden in the dtype of the hidden states, 0 where nothing is supervised; no graph; owned by the caller's dispose scope.</param>
public sealed record LmHeadResult(Weighting Weighting, double[] LogProbs, Tensor GradHidden);
