namespace Bft.Research.Training;

/// <summary>Takes what a training run reports. Disposing writes what is still held back and closes.</summary>
public interface IRunLog : IProgress<StepReport>, IProgress<EvaluationReport>, IDisposable;
