namespace Bft.Research.Training;

/// <summary>Shape of the learning rate after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Constant; without warm-up steps this is also transformers' <c>constant</c>.</summary>
    Constant,

    /// <summary>Straight line to zero at the last step.</summary>
    Linear,

    /// <summary>Half a cosine to <see cref="LearningRateSchedule.MinimumRatio"/>.</summary>
    Cosine,

    /// <summary>Several half cosines to zero, each starting from the peak again.</summary>
    CosineWithRestarts,

    /// <summary>Polynomial to <see cref="LearningRateSchedule.FinalRate"/>.</summary>
    Polynomial,
}

/// <summary>Learning rate of every optimiser step, with linear warm-up from zero; the formulas of transformers' <c>get_scheduler</c>.</summary>
/// <remarks>
/// The first of w warm-up steps has rate 0 and step k &lt; w has peak·k/w. Past the end the formulas go on answering: a cosine rises
/// again, a line stays at zero. Not offered: inverse square root, warm-up–stable–decay.
/// </remarks>
public sealed record LearningRateSchedule
{
    /// <summary>Shape after warm-up.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Rate at the end of warm-up.</summary>
    public required double Peak { get; init; }

    /// <summary>Steps of warm-up.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Optimiser steps of the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Lowest rate of <see cref="ScheduleKind.Cosine"/> as a part of the peak.</summary>
    public double MinimumRatio { get; init; }

    /// <summary>Number of cosines of <see cref="ScheduleKind.CosineWithRestarts"/>.</summary>
    public double Cycles { get; init; } = 1;

    /// <summary>Exponent of <see cref="ScheduleKind.Polynomial"/>.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Last rate of <see cref="ScheduleKind.Polynomial"/>.</summary>
    public double FinalRate { get; init; } = 1e-7;

    /// <summary>The learning rate used in optimiser step <paramref name="step"/>, counted from 0.</summary>
    public double At(int step)
    {
        if (step < WarmupSteps)
            return Peak * (step / (double)Math.Max(1, WarmupSteps));
        var length = Math.Max(1, TotalSteps - WarmupSteps);
        var progress = (step - WarmupSteps) / (double)length;
        return Kind switch
        {
            ScheduleKind.Constant => Peak,
            ScheduleKind.Linear => Peak * Math.Max(0, (TotalSteps - step) / (double)length),
            ScheduleKind.Cosine => Peak * Math.Max(0, HalfCosine(progress) * (1 - MinimumRatio) + MinimumRatio),
            ScheduleKind.CosineWithRestarts => progress >= 1 ? 0 : Peak * Math.Max(0, HalfCosine(Cycles * progress % 1)),
            ScheduleKind.Polynomial => step > TotalSteps ? FinalRate : (Peak - FinalRate) * Math.Pow(1 - progress, Power) + FinalRate,
            _ => throw new InvalidOperationException($"Kind: unknown schedule {Kind}."),
        };
    }

    private static double HalfCosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));
}
