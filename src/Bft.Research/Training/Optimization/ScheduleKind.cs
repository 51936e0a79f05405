namespace Bft.Research.Training;

/// <summary>Shape of the learning rate. Numbers of a shape: <see cref="ScheduleShape"/>.</summary>
public enum ScheduleKind
{
    /// <summary>Constant after warm-up; without warm-up steps this is also transformers' <c>constant</c>.</summary>
    Constant,

    /// <summary>Straight line to zero at the last step.</summary>
    Linear,

    /// <summary>Half a cosine to zero.</summary>
    Cosine,

    /// <summary>Several half cosines to zero, each starting from the peak again.</summary>
    CosineWithRestarts,

    /// <summary>Polynomial to <see cref="ScheduleShape.FinalRate"/>.</summary>
    Polynomial,

    /// <summary>Peak·√(τ/(k − w + τ)) at step k after w warm-up steps: half the peak after 3·<see cref="ScheduleShape.Timescale"/> steps.</summary>
    InverseSquareRoot,

    /// <summary>Half a cosine to <see cref="ScheduleShape.MinimumRate"/>.</summary>
    CosineWithMinimum,

    /// <summary>The same one step ahead, after a warm-up that does not start at zero (<see cref="ScheduleShape.WarmupStartRatio"/>).</summary>
    CosineWarmupWithMinimum,

    /// <summary>Warm-up, the peak for <see cref="ScheduleShape.StableSteps"/>, a fall in <see cref="ScheduleShape.DecaySteps"/>, the minimum from there.</summary>
    WarmupStableDecay,
}
