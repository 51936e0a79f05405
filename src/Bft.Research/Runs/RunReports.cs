using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>Sends reports to the log and to the caller.</summary>
internal sealed class RunReports(IRunLog log, IProgress<StepReport>? steps, IProgress<EvaluationReport>? evaluations, IProgress<string>? notes)
    : IProgress<StepReport>, IProgress<EvaluationReport>, IProgress<SkippedStep>
{
    public void Report(StepReport value)
    {
        log.Report(value);
        steps?.Report(value);
    }

    public void Report(EvaluationReport value)
    {
        log.Report(value);
        evaluations?.Report(value);
    }

    public void Report(SkippedStep value)
    {
        log.Report(value);
        notes?.Report($"step {value.Step} is left out ({value.InARow} in a row, {value.Total} in all): {value.What}; rows: {string.Join(", ", value.Rows)}");
    }
}
