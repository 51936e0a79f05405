namespace Bft.Research.Training;

/// <summary>An optimiser step that was left out because a loss or gradient was not finite (<see cref="OnNonFinite.Skip"/>).</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="What">What was not finite.</param>
/// <param name="Rows">Names of the rows of the step or micro-batch.</param>
/// <param name="InARow">How many were left out since the last step that was taken, this one included.</param>
/// <param name="Total">How many were left out in the run so far, this one included.</param>
public sealed record SkippedStep(int Step, string What, IReadOnlyList<string> Rows, int InARow, int Total);
