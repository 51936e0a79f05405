using System.Text.Json.Serialization;
using Bft.Research.Numerics;

namespace Bft.Research.Training;

/// <summary>What one optimiser step did, or some consecutive ones together (<see cref="Over"/>). All losses are of the accumulated batches before their steps.</summary>
/// <remarks>As JSON these are the lines of the training log; <c>docs/training-log.md</c> has the names in one table.</remarks>
public sealed record StepReport
{
    /// <summary>Supervised tokens to which the model gave less than this probability count as low-confidence ones.</summary>
    public const double LowConfidence = 0.1;

    /// <summary>Number of the last step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Optimiser steps that are reported together.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Optimiser steps of the run; null where the end is not known.</summary>
    public int? TotalSteps { get; init; }

    /// <summary>Steps left out just before these, because a loss or gradient was not finite and the policy is to go on (<see cref="SkippedStep"/>).</summary>
    public int SkippedSteps { get; init; }

    /// <summary>Weighted loss that was minimised (nats), mean over steps. A weighted loss may rise while <see cref="MeanNll"/> falls: do not read it as progress.</summary>
    public required double Loss { get; init; }

    /// <summary>Plain mean of −log p over the supervised tokens (nats).</summary>
    public required double MeanNll { get; init; }

    /// <summary>Supervised tokens: those that are predicted.</summary>
    public required long SupervisedTokens { get; init; }

    /// <summary>Tokens without padding that went through the model.</summary>
    public long RealTokens { get; init; }

    /// <summary>Positions that went through the model, padding included.</summary>
    public long PaddedTokens { get; init; }

    /// <summary>Share of the supervised tokens with a probability below <see cref="LowConfidence"/>.</summary>
    public double LowConfidenceShare { get; init; }

    /// <summary>2-norm of all gradients before clipping, mean over steps.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Largest 2-norm of all gradients before clipping.</summary>
    public double LargestGradientNorm { get; init; }

    /// <summary>Steps whose gradients were scaled down.</summary>
    public int ClippedSteps { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Σ of all token coefficients of a step, mean over steps: how much of SFT's gradient mass, which is 1, the objective kept.</summary>
    public required double WeightMass { get; init; }

    /// <summary>Supervised tokens that end a response: what teaches a model to stop. 0 where rows do not say which they are.</summary>
    public long EndTokens { get; init; }

    /// <summary>Σ of the coefficients of those tokens, mean over steps. For SFT their share of the supervised tokens; an objective that gives less of its <see cref="WeightMass"/> starves them.</summary>
    public double EndWeightMass { get; init; }

    /// <summary>Plain mean of −log p over those tokens (nats); null when there is none. Where it stays high a model does not learn to stop.</summary>
    public double? EndNll { get; init; }

    /// <summary>Samples that have supervised tokens.</summary>
    public int Samples { get; init; }

    /// <summary>Mean sequence weight over <see cref="Samples"/>.</summary>
    public required double SequenceWeightMean { get; init; }

    /// <summary>How the sequence weights are spread over <see cref="Samples"/>.</summary>
    public FiveNumbers? SequenceWeights { get; init; }

    /// <summary>[Samples] the sequence weights themselves; not in the log.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> SequenceWeightValues { get; init; } = [];

    /// <summary>Seconds of the steps, without evaluations and checkpoints between them.</summary>
    public double Seconds { get; init; }

    /// <summary><see cref="RealTokens"/> a second.</summary>
    public double TokensPerSecond => Rate(RealTokens);

    /// <summary><see cref="PaddedTokens"/> a second.</summary>
    public double PaddedTokensPerSecond => Rate(PaddedTokens);

    /// <summary><see cref="SupervisedTokens"/> a second.</summary>
    public double SupervisedTokensPerSecond => Rate(SupervisedTokens);

    /// <summary>Floating-point operations that the steps need: <see cref="FlopCount.Model"/>.</summary>
    public double ModelFlops { get; init; }

    /// <summary>The same and what is computed again to save memory: <see cref="FlopCount.Hardware"/>.</summary>
    public double HardwareFlops { get; init; }

    /// <summary>What the device can do at most in the working precision, operations a second; null when that is not known.</summary>
    public double? PeakFlopsPerSecond { get; init; }

    /// <summary>Model FLOP utilisation: <see cref="ModelFlops"/> a second over the peak; null without a peak.</summary>
    public double? Mfu => PeakFlopsPerSecond is { } peak ? Rate(ModelFlops) / peak : null;

    /// <summary>Hardware FLOP utilisation: <see cref="HardwareFlops"/> a second over the peak; null without a peak.</summary>
    public double? Hfu => PeakFlopsPerSecond is { } peak ? Rate(HardwareFlops) / peak : null;

    /// <summary>Largest memory during these steps, in bytes; of what, the meter's <see cref="Devices.MemoryMeter.Source"/> says.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Largest memory of the run so far, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Seconds that the rest of the run will take at the recent pace, evaluations and checkpoints included; null where the end is not known.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Consecutive reports as one: sums are added, means weighted by what they are means over, the last learning rate and time left are kept.</summary>
    /// <param name="reports">At least one, in order.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static StepReport Over(IReadOnlyList<StepReport> reports)
    {
        if (reports.Count == 0)
            throw new ArgumentException("Expected at least one report.", nameof(reports));
        if (reports.Count == 1)
            return reports[0];
        double Mean(Func<StepReport, double> value, Func<StepReport, double> weight) => reports.Sum(weight) is > 0 and var all ? reports.Sum(r => weight(r) == 0 ? 0 : weight(r) * value(r)) / all : 0;
        List<double> weights = [.. reports.SelectMany(r => r.SequenceWeightValues)];
        return reports[^1] with
        {
            Steps = reports.Sum(r => r.Steps),
            SkippedSteps = reports.Sum(r => r.SkippedSteps),
            Loss = Mean(r => r.Loss, r => r.Steps),
            MeanNll = Mean(r => r.MeanNll, r => r.SupervisedTokens),
            SupervisedTokens = reports.Sum(r => r.SupervisedTokens),
            RealTokens = reports.Sum(r => r.RealTokens),
            PaddedTokens = reports.Sum(r => r.PaddedTokens),
            LowConfidenceShare = Mean(r => r.LowConfidenceShare, r => r.SupervisedTokens),
            GradientNorm = Mean(r => r.GradientNorm, r => r.Steps),
            LargestGradientNorm = reports.Max(r => r.LargestGradientNorm),
            ClippedSteps = reports.Sum(r => r.ClippedSteps),
            WeightMass = Mean(r => r.WeightMass, r => r.Steps),
            EndTokens = reports.Sum(r => r.EndTokens),
            EndWeightMass = Mean(r => r.EndWeightMass, r => r.Steps),
            EndNll = reports.Any(r => r.EndTokens > 0) ? Mean(r => r.EndNll ?? 0, r => r.EndTokens) : null,
            Samples = reports.Sum(r => r.Samples),
            SequenceWeightMean = Mean(r => r.SequenceWeightMean, r => r.Samples),
            SequenceWeights = FiveNumbers.Of(weights),
            SequenceWeightValues = weights,
            Seconds = reports.Sum(r => r.Seconds),
            ModelFlops = reports.Sum(r => r.ModelFlops),
            HardwareFlops = reports.Sum(r => r.HardwareFlops),
            MemoryBytes = reports.Max(r => r.MemoryBytes),
            PeakMemoryBytes = reports.Max(r => r.PeakMemoryBytes),
        };
    }

    private double Rate(double amount) => Seconds > 0 ? amount / Seconds : 0;
}
