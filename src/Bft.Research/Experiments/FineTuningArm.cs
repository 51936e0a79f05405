using Bft.Research.Training;
using Bft.Results;

namespace Bft.Research.Experiments;

/// <summary>One training run: an objective with a seed.</summary>
/// <param name="Objective">Name of the objective.</param>
/// <param name="Seed">Seed of row order and fresh adapter.</param>
/// <param name="RowNames">Names of the rows in the order in which they were trained on.</param>
/// <param name="Steps">One report a step.</param>
/// <param name="Evaluations">Measurements, from step 0 (the untrained model) to the last step.</param>
public sealed record FineTuningArm(
    string Objective, long Seed, IReadOnlyList<string> RowNames, IReadOnlyList<StepReport> Steps, IReadOnlyList<ProbeEvaluation> Evaluations)
{
    /// <summary>The run in one line.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Objective}, seed {Seed}: {Steps.Count} steps, NLL of training rows {Steps[0].MeanNll:0.000} → {Steps[^1].MeanNll:0.000} nats per token, gradient norm {Steps[0].GradientNorm:0.00} → {Steps[^1].GradientNorm:0.00}; ")
        + string.Join(", ", Evaluations[^1].Sets.Keys.Select(set => FormattableString.Invariant(
            $"{set} {Evaluations[0].Total(set, ProbeSubset.All).Mean(Metrics.Accuracy):0.000} → {Evaluations[^1].Total(set, ProbeSubset.All).Mean(Metrics.Accuracy):0.000}")));
}

/// <summary>All probes at one step.</summary>
/// <param name="Step">Optimiser steps taken before.</param>
/// <param name="Sets">Rows of each probe, by its name.</param>
public sealed record ProbeEvaluation(int Step, IReadOnlyDictionary<string, IReadOnlyList<ProbeRow>> Sets)
{
    /// <summary>Sums over the rows of a probe.</summary>
    public TokenSums Total(string set, ProbeSubset subset) => Sets[set].Aggregate(new TokenSums(), (sum, row) => sum + row.Of(subset));
}
