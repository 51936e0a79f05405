namespace Bft.Research.Training;

/// <summary>Training cannot go on: a loss or gradient is not finite, or a step has nothing to learn. Names the step and the rows.</summary>
public sealed class TrainingStoppedException : Exception
{
    /// <summary>Makes an exception whose message is <c>step STEP: WHAT; rows: ROWS</c>.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="what">What is wrong, with the value.</param>
    /// <param name="rows">Names of the rows of the step or micro-batch.</param>
    public TrainingStoppedException(int step, string what, IEnumerable<string> rows)
        : this(step, what, [.. rows])
    {
    }

    private TrainingStoppedException(int step, string what, string[] rows)
        : base($"step {step}: {what}; rows: {(rows.Length == 0 ? "unnamed" : string.Join(", ", rows.Take(8)))}{(rows.Length > 8 ? $" and {rows.Length - 8} more" : "")}")
    {
        Step = step;
        Rows = rows;
    }

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; }

    /// <summary>Names of the rows of the step or micro-batch.</summary>
    public IReadOnlyList<string> Rows { get; }
}
