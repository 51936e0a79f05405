namespace Bft.Research.Training;

/// <summary>What made a run stop.</summary>
public enum StopCause
{
    /// <summary>A loss or gradient is not finite.</summary>
    NonFinite,

    /// <summary>A step has no supervised token.</summary>
    NothingToLearn,

    /// <summary>Memory of processor or device did not suffice.</summary>
    OutOfMemory,
}

/// <summary>Training cannot go on. Names the step and the rows, and the last good checkpoint where checkpoints are written.</summary>
public sealed class TrainingStoppedException : Exception
{
    private readonly string _what;

    /// <summary>Makes an exception whose message is <c>step STEP: WHAT; rows: ROWS</c>.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="cause">Kind of the trouble.</param>
    /// <param name="what">What is wrong, with the value.</param>
    /// <param name="rows">Names of the rows of the step or micro-batch.</param>
    /// <param name="inner">The error underneath, or null.</param>
    public TrainingStoppedException(int step, StopCause cause, string what, IEnumerable<string> rows, Exception? inner = null)
        : this(step, cause, what, [.. rows], "", inner)
    {
    }

    private TrainingStoppedException(int step, StopCause cause, string what, string[] rows, string end, Exception? inner)
        : base($"step {step}: {what}; rows: {(rows.Length == 0 ? "unnamed" : string.Join(", ", rows.Take(8)))}{(rows.Length > 8 ? $" and {rows.Length - 8} more" : "")}{end}", inner)
    {
        _what = what;
        Step = step;
        Cause = cause;
        Rows = rows;
    }

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; }

    /// <summary>Kind of the trouble.</summary>
    public StopCause Cause { get; }

    /// <summary>Names of the rows of the step or micro-batch.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>Folder of the last good checkpoint; null when none was written.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>What is wrong, without step and rows.</summary>
    internal string What => _what;

    /// <summary>The same with the last good checkpoint named.</summary>
    internal TrainingStoppedException With(string? checkpoint) =>
        new(Step, Cause, _what, [.. Rows], $"; last good checkpoint: {checkpoint ?? "none"}", this) { Checkpoint = checkpoint };
}
