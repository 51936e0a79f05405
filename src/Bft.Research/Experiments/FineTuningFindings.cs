using Bft.Research.Training;
using Bft.Research.Uncertainty;
using Bft.Results;

namespace Bft.Research.Experiments;

/// <summary>What a comparison of objectives found: curves, levels, paired differences, and the claims they decide.</summary>
/// <remarks>Intervals are 95 % bootstrap intervals over rows of the probe and over seeds, drawn independently and alike for every arm; with one seed they are over rows alone.</remarks>
public sealed class FineTuningFindings
{
    /// <summary>Name of the untrained model in tables.</summary>
    public const string Base = "base";

    /// <summary>The objective that is compared with the others.</summary>
    public const string Balanced = "bft-v3";

    /// <summary>The three measures that disagree.</summary>
    public static IReadOnlyList<Metric> Measures { get; } = [Metrics.Nll, Metrics.Accuracy, Metrics.MeanConfidence];

    private readonly FineTuningMaterial _material;
    private readonly ILookup<string, FineTuningArm> _arms;
    private readonly Dictionary<string, FineTuningBootstrap> _bootstraps;
    private readonly Dictionary<(string, string, ProbeSubset), FineTuningBootstrap.Resampled> _resampled = [];

    /// <summary>Takes the arms together.</summary>
    /// <param name="experiment">The experiment that trained them.</param>
    /// <param name="arms">Arms of every objective with the same seeds.</param>
    /// <param name="seed">Seed of the bootstrap; every probe draws with a seed of its own after it.</param>
    /// <exception cref="ArgumentException">Two arms of one seed took other rows or another order, or objectives have other seeds.</exception>
    public FineTuningFindings(FineTuningExperiment experiment, IReadOnlyList<FineTuningArm> arms, ulong seed)
    {
        if (arms.Count == 0)
            throw new ArgumentException("Expected at least one arm, actual none.", nameof(arms));
        _material = experiment.Material;
        _arms = arms.OrderBy(arm => arm.Seed).ToLookup(arm => arm.Objective);
        Objectives = [.. arms.Select(arm => arm.Objective).Distinct()];
        Seeds = [.. _arms[Objectives[0]].Select(arm => arm.Seed)];
        foreach (var objective in Objectives.Where(objective => !_arms[objective].Select(arm => arm.Seed).SequenceEqual(Seeds)))
            throw new ArgumentException($"{objective}: expected one arm for each of the seeds {string.Join(", ", Seeds)}, actual {string.Join(", ", _arms[objective].Select(arm => arm.Seed))}.", nameof(arms));
        foreach (var group in arms.GroupBy(arm => arm.Seed))
            if (group.FirstOrDefault(arm => !arm.RowNames.SequenceEqual(group.First().RowNames)) is { } other)
                throw new ArgumentException($"Seed {group.Key}: {other.Objective} did not take the rows of {group.First().Objective} in the same order.", nameof(arms));
        _bootstraps = _material.Probes.Select((set, i) => (set, i)).ToDictionary(
            x => x.set.Name, x => new FineTuningBootstrap(x.set.Rows.Count, Seeds.Count, experiment.Profile.FineTuning.Resamples, seed + 2 * (ulong)x.i + 1));
    }

    /// <summary>Objectives, in the order trained.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>Seeds of every objective.</summary>
    public IReadOnlyList<long> Seeds { get; }

    /// <summary>What the intervals are over, for captions.</summary>
    public string Over => Seeds.Count == 1 ? "95 % intervals over rows, one seed" : $"95 % intervals over rows and {Seeds.Count} seeds";

    /// <summary>A measure after training, or of the untrained model.</summary>
    /// <param name="objective">An objective, or <see cref="Base"/>.</param>
    /// <param name="set">Name of a probe.</param>
    /// <param name="subset">Which of its tokens.</param>
    /// <param name="metric">One of <see cref="Measures"/>.</param>
    public MetricValue Level(string objective, string set, ProbeSubset subset, Metric metric) =>
        Value(metric, Sums(objective, set, subset).Estimate(sums => sums.Mean(metric)), set);

    /// <summary>A measure of one objective minus that of another, paired over rows and seeds.</summary>
    /// <param name="objective">An objective.</param>
    /// <param name="other">An objective, or <see cref="Base"/>.</param>
    /// <param name="set">Name of a probe.</param>
    /// <param name="subset">Which of its tokens.</param>
    /// <param name="metric">One of <see cref="Measures"/>.</param>
    public MetricValue Difference(string objective, string other, string set, ProbeSubset subset, Metric metric) =>
        Value(metric, Sums(objective, set, subset).Minus(Sums(other, set, subset), sums => sums.Mean(metric)), set);

    /// <summary>One curve an objective over the steps of training: mean over seeds, smallest and largest as the band.</summary>
    /// <param name="label">Name and unit of the quantity.</param>
    /// <param name="quantity">The quantity, for example <see cref="StepReport.MeanNll"/>.</param>
    public IReadOnlyList<Curve> Training(string label, Func<StepReport, double> quantity) =>
    [
        .. Objectives.Select(objective => Curve.OfRuns(
            objective, "Optimiser step (1)", label, [.. _arms[objective].First().Steps.Select(step => (double)step.Step)],
            [.. _arms[objective].Select(arm => arm.Steps.Select(quantity).ToArray())])),
    ];

    /// <summary>One curve an objective over the evaluations: mean over seeds, smallest and largest as the band.</summary>
    /// <param name="set">Name of a probe.</param>
    /// <param name="subset">Which of its tokens; questions are asked at the end only.</param>
    /// <param name="metric">One of <see cref="Measures"/>.</param>
    public IReadOnlyList<Curve> Probe(string set, ProbeSubset subset, Metric metric) =>
    [
        .. Objectives.Select(objective => Curve.OfRuns(
            objective, "Optimiser step (1)", $"{metric.Name}, {Of(set, subset)} ({metric.Unit})", [.. _arms[objective].First().Evaluations.Select(at => (double)at.Step)],
            [.. _arms[objective].Select(arm => arm.Evaluations.Select(at => at.Total(set, subset).Mean(metric)).ToArray())])),
    ];

    /// <summary>Levels of every objective and the paired differences from BFT v3, for one probe.</summary>
    /// <param name="set">Name of a probe.</param>
    /// <param name="subset">Which of its tokens.</param>
    public MetricTable Table(string set, ProbeSubset subset) => new(
        $"{Of(set, subset)}: {Over}",
        [.. (subset == ProbeSubset.Questions ? [Metrics.Accuracy] : Measures).SelectMany(metric => Rows(set, subset, metric))]);

    /// <summary>Spread of a gain over seeds: sample standard deviation of the change since before training; NaN for one seed.</summary>
    /// <param name="objective">An objective.</param>
    public double Spread(string objective) => Deviation(Gains(objective));

    /// <summary>The claims.</summary>
    public ClaimTable Claims() => new FineTuningClaims(this, _material.GainName, _material.GeneralName).All();

    /// <summary>The run as a file: what it ran on, its numbers, its curves.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="model">Identity of the model.</param>
    /// <param name="seconds">Wall-clock seconds.</param>
    public RunManifest Manifest(FineTuningExperiment experiment, ulong seed, ContentIdentity model, double seconds) => new()
    {
        Name = "02-fine-tuning",
        Profile = experiment.Profile.Name,
        Seed = (long)seed,
        Model = model,
        Options = RunManifest.FlattenOptions(experiment.Profile.FineTuning),
        Device = experiment.Device.Hardware,
        WallSeconds = Math.Round(seconds, 1),
        Metrics = [.. _material.Probes.SelectMany(set => Subsets(set).SelectMany(subset => Table(set.Name, subset).Rows))],
        Curves =
        [
            .. Training("Plain NLL (nats per token)", step => step.MeanNll),
            .. Training("Gradient norm (1)", step => step.GradientNorm),
            .. Training("Weight mass (1)", step => step.WeightMass),
            .. Training("Mean sequence weight (1)", step => step.SequenceWeightMean),
            .. _material.Probes.SelectMany(set => Measures.SelectMany(metric => Probe(set.Name, ProbeSubset.All, metric))),
            .. Measures.SelectMany(metric => Probe(_material.GainName, ProbeSubset.LowBefore, metric)),
        ],
    };

    /// <summary>A probe and a subset of it in words.</summary>
    public static string Of(string set, ProbeSubset subset) => subset switch
    {
        ProbeSubset.LowBefore => $"{set}, tokens low before",
        ProbeSubset.Questions => $"{set}, questions",
        _ => $"{set}, all tokens",
    };

    /// <summary>How much less an objective's gain varies over seeds than another's: difference of the spreads, with an interval over seeds.</summary>
    internal MetricValue SpreadDifference(string objective, string other)
    {
        double[] gains = Gains(objective), others = Gains(other);
        var estimate = _bootstraps[_material.GainName].OverSeeds(drawn => Deviation([.. drawn.Select(i => gains[i])]) - Deviation([.. drawn.Select(i => others[i])]));
        return Value(Metrics.Accuracy, estimate, _material.GainName);
    }

    private double[] Gains(string objective) =>
    [
        .. _arms[objective].Select(arm => arm.Evaluations[^1].Total(_material.GainName, ProbeSubset.LowBefore).Mean(Metrics.Accuracy)
            - arm.Evaluations[0].Total(_material.GainName, ProbeSubset.LowBefore).Mean(Metrics.Accuracy)),
    ];

    private static double Deviation(double[] values) =>
        values.Length < 2 ? double.NaN : Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / (values.Length - 1));

    private IEnumerable<MetricRow> Rows(string set, ProbeSubset subset, Metric metric) =>
    [
        .. Objectives.Prepend(Base).Select(objective => new MetricRow($"{objective}: {Of(set, subset)}", Level(objective, set, subset, metric))),
        .. Objectives.Where(other => other != Balanced && Objectives.Contains(Balanced))
            .Select(other => new MetricRow($"{Balanced} − {other}: {Of(set, subset)}", Difference(Balanced, other, set, subset, metric))),
    ];

    private static IEnumerable<ProbeSubset> Subsets(ProbeSet set) =>
        Enum.GetValues<ProbeSubset>().Where(subset => subset != ProbeSubset.Questions || set.Questions.Count > 0);

    private FineTuningBootstrap.Resampled Sums(string objective, string set, ProbeSubset subset)
    {
        if (!_resampled.TryGetValue((objective, set, subset), out var sums))
        {
            var runs = objective == Base ? _arms[Objectives[0]].Select(arm => arm.Evaluations[0]) : _arms[objective].Select(arm => arm.Evaluations[^1]);
            sums = _resampled[(objective, set, subset)] = _bootstraps[set].Of([.. runs.Select(run => run.Sets[set].Select(row => row.Of(subset)).ToArray())]);
        }

        return sums;
    }

    private MetricValue Value(Metric metric, Estimate estimate, string set) =>
        UncertaintyFindings.Value(metric, estimate, _material.Probe(set).Rows.Count, Seeds.Count == 1 ? "rows, 1 seed" : $"rows, {Seeds.Count} seeds");
}
