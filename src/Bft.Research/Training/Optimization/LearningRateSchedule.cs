namespace Bft.Research.Training;

/// <summary>Learning rate of every optimiser step; the formulas of transformers' <c>get_scheduler</c>.</summary>
/// <remarks>
/// The first of w warm-up steps has rate 0 and step k &lt; w has peak·k/w, where the kind has no warm-up of its own. Past the end the formulas go on answering: a cosine rises
/// again, a line stays at zero. Differs: <c>get_scheduler</c> drops the time scale of the inverse square root, which counts here. Not offered: reduction on a plateau.
/// </remarks>
public sealed record LearningRateSchedule
{
    private const int DefaultTimescale = 10_000;

    /// <summary>Shape.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Numbers of the shape.</summary>
    public ScheduleShape Shape { get; init; } = new();

    /// <summary>Rate at the end of warm-up.</summary>
    public required double Peak { get; init; }

    /// <summary>Steps of warm-up.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Optimiser steps of the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>The learning rate used in optimiser step <paramref name="step"/>, counted from 0.</summary>
    public double At(int step) => Peak * (step < WarmupSteps ? Rise(step) : Fall(step));

    private double Minimum => Shape.MinimumRatio ?? Shape.MinimumRate / Peak ?? 0;

    /// <summary>Part of the peak during warm-up.</summary>
    private double Rise(int step) => Kind switch
    {
        ScheduleKind.CosineWarmupWithMinimum => Shape.WarmupStartRatio is { } start ? start + (1 - start) * step / Math.Max(1, WarmupSteps - 1) : (step + 1.0) / WarmupSteps,
        ScheduleKind.WarmupStableDecay => Lifted(Risen(Shape.WarmupShape ?? RampShape.Linear, step / (double)WarmupSteps)),
        _ => step / (double)WarmupSteps,
    };

    /// <summary>Part of the peak after warm-up.</summary>
    private double Fall(int step)
    {
        var length = Math.Max(1, TotalSteps - WarmupSteps);
        var progress = (step - WarmupSteps) / (double)length;
        return Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => Math.Max(0, (TotalSteps - step) / (double)length),
            ScheduleKind.Cosine => Math.Max(0, Waves(progress)),
            ScheduleKind.CosineWithRestarts => progress >= 1 ? 0 : Math.Max(0, HalfCosine((Shape.Cycles ?? 1) * progress % 1)),
            ScheduleKind.Polynomial => Polynomial(step, progress),
            ScheduleKind.InverseSquareRoot => InverseRoot(step, Shape.Timescale ?? (WarmupSteps > 0 ? WarmupSteps : DefaultTimescale)),
            ScheduleKind.CosineWithMinimum => Lifted(Waves(progress)),
            ScheduleKind.CosineWarmupWithMinimum => Lifted(Waves(progress + 1.0 / length)),
            ScheduleKind.WarmupStableDecay => Decay(step),
            _ => throw new InvalidOperationException($"Kind: unknown schedule {Kind}."),
        };
    }

    private double Polynomial(int step, double progress)
    {
        var last = (Shape.FinalRate ?? ScheduleShape.DefaultFinalRate) / Peak;
        return step > TotalSteps ? last : (1 - last) * Math.Pow(1 - progress, Shape.Power ?? 1) + last;
    }

    private double InverseRoot(int step, int timescale) => 1 / Math.Sqrt((step - WarmupSteps + timescale) / (double)timescale);

    private double Decay(int step)
    {
        var length = Shape.DecaySteps ?? 0;
        var into = step - WarmupSteps - (Shape.StableSteps ?? TotalSteps - WarmupSteps - length);
        return into < 0 ? 1 : into >= length ? Minimum : Lifted(Fallen(Shape.DecayShape ?? RampShape.Cosine, into / (double)length));
    }

    private static double Risen(RampShape shape, double part) => shape switch
    {
        RampShape.Linear => part,
        RampShape.Cosine => HalfCosine(1 - part),
        _ => 1 - Math.Sqrt(1 - part),
    };

    private double Fallen(RampShape shape, double part) => shape switch
    {
        RampShape.Linear => 1 - part,
        RampShape.Cosine => Waves(part),
        _ => 1 - Math.Sqrt(part),
    };

    private double Lifted(double part) => Math.Max(0, part * (1 - Minimum) + Minimum);

    private double Waves(double progress) => HalfCosine(2 * (Shape.Cycles ?? 0.5) * progress);

    private static double HalfCosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));
}
