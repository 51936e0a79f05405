namespace Bft.Research.Training;

/// <summary>Why a run ended.</summary>
public enum EndReason
{
    /// <summary>All steps of the plan are behind.</summary>
    Completed,

    /// <summary>Held-out rows did not get better for <see cref="StoppingOptions.Patience"/> evaluations.</summary>
    NoGain,

    /// <summary>General text got worse than <see cref="StoppingOptions.MaxForgetting"/> allows.</summary>
    Forgetting,

    /// <summary><see cref="TrainingTask.StopAfter"/> was reached; the run can be resumed.</summary>
    Paused,
}

/// <summary>How a run ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Step">Steps behind.</param>
/// <param name="Skipped">Steps among them that were left out because something was not finite.</param>
/// <param name="BestStep">Steps before the best evaluation of held-out rows; null when there was none.</param>
/// <param name="BestCheckpoint">Its checkpoint folder; null when there is none.</param>
public sealed record TrainingEnd(EndReason Reason, int Step, int Skipped, int? BestStep, string? BestCheckpoint)
{
    /// <summary>The end in words.</summary>
    public override string ToString() => string.Join("; ", Parts());

    private IEnumerable<string> Parts()
    {
        yield return Reason switch
        {
            EndReason.Completed => $"completed after step {Step}",
            EndReason.NoGain => $"stopped after step {Step}: no gain on held-out rows",
            EndReason.Forgetting => $"stopped after step {Step}: general text forgotten beyond the limit",
            _ => $"paused after step {Step}",
        };
        if (Skipped > 0)
            yield return $"{Skipped} steps left out";
        if (BestStep is { } best)
            yield return $"best at step {best}{(BestCheckpoint is null ? "" : $": {BestCheckpoint}")}";
    }
}
