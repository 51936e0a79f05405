namespace Bft.Research.Training;

/// <summary>A run was cancelled; the weights are those of the last full step.</summary>
/// <param name="step">Steps behind.</param>
/// <param name="checkpoint">Folder of the checkpoint of that step.</param>
/// <param name="inner">The cancellation.</param>
public sealed class TrainingCancelledException(int step, string checkpoint, OperationCanceledException inner)
    : OperationCanceledException($"cancelled after step {step}; checkpoint: {checkpoint}", inner, inner.CancellationToken)
{
    /// <summary>Steps behind.</summary>
    public int Step { get; } = step;

    /// <summary>Folder of the checkpoint of that step.</summary>
    public string Checkpoint { get; } = checkpoint;
}
