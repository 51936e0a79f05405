namespace Bft.Research.Training;

/// <summary>A run cannot be resumed: model, rows or options are not those of the checkpoint. Names every difference.</summary>
public sealed class ResumeRefusedException : Exception
{
    /// <summary>Makes an exception whose message names the checkpoint and all differences.</summary>
    /// <param name="checkpoint">Folder of the checkpoint.</param>
    /// <param name="differences">Each <c>WHAT: expected VALUE, actual VALUE</c>.</param>
    /// <param name="onlyRounds">Whether <see cref="TrainingTask.AllowRounding"/> would let it pass.</param>
    public ResumeRefusedException(string checkpoint, IReadOnlyList<string> differences, bool onlyRounds = false)
        : base($"{checkpoint}: this run cannot be resumed from it: {string.Join("; ", differences)}{(onlyRounds ? "; steps stay the same but for their last digits: allow rounding to go on" : "")}.")
    {
        OnlyRounds = onlyRounds;
        Checkpoint = checkpoint;
        Differences = differences;
    }

    /// <summary>Folder of the checkpoint.</summary>
    public string Checkpoint { get; }

    /// <summary>Whether <see cref="TrainingTask.AllowRounding"/> would let it pass.</summary>
    public bool OnlyRounds { get; }

    /// <summary>All differences.</summary>
    public IReadOnlyList<string> Differences { get; }
}
