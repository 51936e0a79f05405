namespace Bft.Research.Training;

/// <summary>How warm-up rises, or a decay falls, over its part p from 0 to 1 (<see cref="ScheduleKind.WarmupStableDecay"/>).</summary>
public enum RampShape
{
    /// <summary>Rises as p, falls as 1 − p.</summary>
    Linear,

    /// <summary>Half a cosine; a decay has as many as <see cref="ScheduleShape.Cycles"/> says.</summary>
    Cosine,

    /// <summary>Rises as 1 − √(1 − p), falls as 1 − √p; transformers' <c>1-sqrt</c>.</summary>
    OneMinusRoot,
}
