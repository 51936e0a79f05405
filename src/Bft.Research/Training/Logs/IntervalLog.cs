namespace Bft.Research.Training;

/// <summary>Passes on one report for every so many optimiser steps; nothing of the steps between is lost, because they are reported together (<see cref="StepReport.Over"/>).</summary>
/// <remarks>
/// An interval ends at every multiple of its length, so a run that goes on from a checkpoint keeps the intervals of the run before; before every evaluation,
/// every checkpoint and every step that is left out; at the last step of the run; and when this is disposed.
/// </remarks>
public sealed class IntervalLog : IRunLog
{
    private readonly int _every;
    private readonly IReadOnlyList<IRunLog> _logs;
    private readonly List<StepReport> _held = [];

    /// <summary>Makes a log before other logs.</summary>
    /// <param name="every">Optimiser steps of an interval.</param>
    /// <param name="logs">Get the reports, in this order; disposed with this.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="every"/> is below 1.</exception>
    public IntervalLog(int every, params IReadOnlyList<IRunLog> logs)
    {
        if (every < 1)
            throw new ArgumentOutOfRangeException(nameof(every), every, "Expected at least 1 step.");
        (_every, _logs) = (every, logs);
    }

    /// <inheritdoc/>
    public void Report(StepReport value)
    {
        _held.Add(value);
        if (value.Step % _every == 0 || value.Step == value.TotalSteps)
            PassOn();
    }

    /// <inheritdoc/>
    public void Report(EvaluationReport value)
    {
        PassOn();
        foreach (var log in _logs)
            log.Report(value);
    }

    /// <inheritdoc/>
    public void Report(SkippedStep value)
    {
        PassOn();
        foreach (var log in _logs)
            log.Report(value);
    }

    /// <inheritdoc/>
    public void Report(DeviceReport value)
    {
        PassOn();
        foreach (var log in _logs)
            log.Report(value);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        PassOn();
        foreach (var log in _logs)
            log.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        PassOn();
        foreach (var log in _logs)
            log.Dispose();
    }

    private void PassOn()
    {
        if (_held.Count == 0)
            return;
        var report = StepReport.Over(_held);
        _held.Clear();
        foreach (var log in _logs)
            log.Report(report);
    }
}
