using System.Globalization;
using Bft.Results;

namespace Bft.Research.Training;

/// <summary>Gathers the reports of a run into curves of bounded length and passes them on after every report; what a figure follows, without knowing of figures or notebooks.</summary>
/// <remarks>When there are more than <see cref="MostPoints"/> points, neighbours are reported together (<see cref="StepReport.Over"/>), so a point is a mean over more and more steps and nothing is left out.</remarks>
/// <param name="next">Gets the run after every report, on the trainer's thread.</param>
public sealed class TrainingCurves(IProgress<TrainingSnapshot> next) : IProgress<StepReport>, IProgress<EvaluationReport>
{
    /// <summary>Most points of a curve.</summary>
    public const int MostPoints = 128;

    private readonly List<StepReport> _points = [];
    private readonly List<StepReport> _held = [];
    private readonly List<EvaluationReport> _evaluations = [];
    private int _stepsAPoint = 1;
    private StepReport? _last;

    /// <inheritdoc/>
    public void Report(StepReport value)
    {
        _last = value with { SequenceWeightValues = [] };
        _held.Add(_last);
        if (_held.Count >= _stepsAPoint)
        {
            _points.Add(StepReport.Over(_held));
            _held.Clear();
        }

        if (_points.Count > MostPoints)
        {
            List<StepReport> pairs = [.. _points.Chunk(2).Select(pair => StepReport.Over(pair))];
            _points.Clear();
            _points.AddRange(pairs);
            _stepsAPoint *= 2;
        }

        next.Report(Snapshot());
    }

    /// <inheritdoc/>
    public void Report(EvaluationReport value)
    {
        _evaluations.Add(value);
        if (_evaluations.Count(e => e.Set == value.Set) > MostPoints)
            _evaluations.RemoveAll(e => e.Set == value.Set && e.Step > 0 && e.Step < value.Step && _evaluations.IndexOf(e) % 2 == 1);
        next.Report(Snapshot());
    }

    private TrainingSnapshot Snapshot()
    {
        List<StepReport> points = [.. _points, .. _held.Count == 0 ? [] : (StepReport[])[StepReport.Over(_held)]];
        Curve Of(string name, string label, Func<StepReport, double> value) =>
            new(name, TrainingHistory.StepLabel, label, [.. points.Select(p => (double)p.Step)], [.. points.Select(p => Finite(value(p)))]);
        List<Curve> nll = points.Count == 0 ? [] : [Of("training batches", NllLabel, p => p.MeanNll)];
        foreach (var set in _evaluations.GroupBy(e => e.Set))
            nll.Add(new(set.Key == EvaluationSet.General ? "general text" : "held out", TrainingHistory.StepLabel, NllLabel, [.. set.Select(e => (double)e.Step)], [.. set.Select(e => Finite(e.MeanNll))]));
        return new(
            _last?.Step ?? 0, _last?.TotalSteps ?? 0, nll, Of("loss", "Weighted loss (nats)", p => p.Loss), Of("learning rate", "Learning rate (1)", p => p.LearningRate),
            _last is null ? "" : Words(_last), _last?.SecondsLeft);
    }

    private const string NllLabel = "NLL (nats per token)";

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    private static string Words(StepReport report) => string.Create(
        CultureInfo.InvariantCulture, $"{report.TokensPerSecond:0} tokens/s{report.Mfu:', MFU '0%}, {report.PeakMemoryBytes / 1e9:0.0} GB");
}
