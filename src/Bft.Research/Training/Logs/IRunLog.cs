namespace Bft.Research.Training;

/// <summary>Takes what a training run reports. Disposing writes what is still held back and closes.</summary>
public interface IRunLog : IProgress<StepReport>, IProgress<EvaluationReport>, IProgress<SkippedStep>, IProgress<DeviceReport>, IDisposable
{
    /// <summary>Writes what is still held back and makes it outlast a crash; comes before every checkpoint (<see cref="TrainingTask.Flush"/>).</summary>
    void Flush();
}
