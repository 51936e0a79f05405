using Bft.Research.Uncertainty;
using Bft.Results;

namespace Bft.Research.Experiments;

/// <summary>What the uncertainty study found: statistics of each domain and source, their differences, enrichment, and the claim they decide.</summary>
public sealed class UncertaintyFindings
{
    private const string Biomedical = "biomedical", General = "general";
    private readonly UncertaintyStudyOptions _options;
    private readonly IReadOnlyList<ScoredPassage> _scored;

    /// <summary>Measures scored passages.</summary>
    /// <param name="study">Thresholds and cut-offs, from <see cref="UncertaintyExperiment.Study"/>.</param>
    /// <param name="scored">The passages.</param>
    /// <param name="seed">Seed of the bootstrap; every set of passages draws with a seed of its own after it.</param>
    public UncertaintyFindings(UncertaintyStudy study, IReadOnlyList<ScoredPassage> scored, ulong seed)
    {
        (_options, _scored) = (study.Options, scored);
        string[] domains = [Biomedical, General];
        Domains = Group(p => p.Passage.Domain, domains, study, seed + 1);
        Sources = Group(p => p.Passage.Source, scored.Select(p => p.Passage.Source).Distinct(), study, seed + 1 + (ulong)domains.Length);
        Difference = Domains[Biomedical].Minus(Domains[General]);
        Enrichment = scored.Where(p => p.Passage.Entities is not null).GroupBy(p => p.Passage.Source)
            .ToDictionary(group => group.Key, group => study.Enrichment(group, seed + 100));
    }

    /// <summary>Statistics of <c>biomedical</c> and <c>general</c>.</summary>
    public IReadOnlyDictionary<string, UncertaintySummary> Domains { get; }

    /// <summary>Statistics of each source.</summary>
    public IReadOnlyDictionary<string, UncertaintySummary> Sources { get; }

    /// <summary>Biomedical minus general, with intervals.</summary>
    public IReadOnlyDictionary<string, Estimate> Difference { get; }

    /// <summary>Enrichment of low tokens in entities and causal words, for each annotated source.</summary>
    public IReadOnlyDictionary<string, EntityEnrichment> Enrichment { get; }

    private int Window => _options.Windows[^1];

    private string Main => UncertaintyStudyOptions.NameOf(_options.MainThreshold);

    /// <summary>Biomedical, general and their difference for the statistics that the claim rests on.</summary>
    public MetricTable Table()
    {
        IEnumerable<MetricRow> Rows((Metric Metric, string Statistic) row) =>
        [
            .. Domains.Select(domain => new MetricRow(domain.Key, Value(row.Metric, domain.Value.Statistics[row.Statistic], domain.Value.Passages))),
            new MetricRow("biomedical − general", Value(row.Metric, Difference[row.Statistic], Domains.Values.Sum(d => d.Passages))),
        ];
        return new("Biomedical against general text", [.. Measured().SelectMany(Rows)]);
    }

    /// <summary>The paper's claim, part by part, with the measures that separate level from density.</summary>
    public ClaimTable Claims()
    {
        MetricValue Delta(Metric metric, string statistic) => Value(metric, Difference[statistic], Domains.Values.Sum(d => d.Passages));
        var density = Claim.Of(
            "Biomedical text has dense low-confidence runs, general text sparse ones.",
            Check.Above("More tokens are low in biomedical text.", Delta(Metrics.LowShare, $"below_{Main}")),
            Check.Above("Runs of low tokens are longer in biomedical text.", Delta(Metrics.MeanRun, $"mean_run_{Main}")),
            Check.Above($"More windows of {Window} tokens are dense (group B).", Delta(Metrics.GroupBShare, $"groupB_fixed_g{Window}_{Main}")));
        var clustering = Claim.Of(
            "Given how many tokens are low, they lie closer together in biomedical text.",
            Check.Above("Neighbouring low pairs exceed chance by more.", Delta(Metrics.Clustering, $"clustering_{Main}")),
            Check.Above("So they do across word borders.", Delta(Metrics.Clustering, $"pair_clustering_across_words_{Main}")));
        return new([density, clustering, .. Enrichment.Select(EntityClaim)]);
    }

    /// <summary>The run as a file: what it ran on, its numbers, the run-length curves.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="model">Identity of the model.</param>
    /// <param name="seconds">Wall-clock seconds.</param>
    public RunManifest Manifest(UncertaintyExperiment experiment, ulong seed, ContentIdentity model, double seconds) => new()
    {
        Name = "01-uncertainty",
        Profile = experiment.Profile.Name,
        Seed = (long)seed,
        Model = model,
        Options = RunManifest.FlattenOptions(experiment.Profile.Uncertainty),
        Device = experiment.Device.Hardware,
        WallSeconds = Math.Round(seconds, 1),
        Metrics = [.. Table().Rows, .. Sources.SelectMany(SourceRows), .. Enrichment.SelectMany(EnrichmentRows)],
        Curves = [.. Domains.Select(domain => RunLengths(domain.Key))],
    };

    /// <summary>Share of runs by length, with intervals; the last position stands for eight and more.</summary>
    public Curve RunLengths(string domain)
    {
        Estimate[] shares = [.. Enumerable.Range(1, 8).Select(k => Domains[domain].Statistics[$"run_length_share_{(k == 8 ? "8+" : k)}_{Main}"])];
        return new(domain, "Run length (tokens; 8 stands for 8 and more)", "Share of runs (1)", [.. shares.Select((_, k) => k + 1.0)],
            [.. shares.Select(s => s.Value)], [.. shares.Select(s => s.Low)], [.. shares.Select(s => s.High)]);
    }

    /// <summary>An estimate as a value of a metric.</summary>
    public static MetricValue Value(Metric metric, Estimate estimate, long n, string of = "passages") =>
        metric.Of(estimate.Value, n, of, double.IsNaN(estimate.Low) || double.IsNaN(estimate.High) ? null : new(estimate.Low, estimate.High));

    private Dictionary<string, UncertaintySummary> Group(Func<ScoredPassage, string> key, IEnumerable<string> names, UncertaintyStudy study, ulong firstSeed) =>
        names.Select((name, i) => (name, i)).ToDictionary(set => set.name, set => study.Summarize(_scored.Where(p => key(p) == set.name), firstSeed + (ulong)set.i));

    private IEnumerable<(Metric Metric, string Statistic)> Measured() =>
    [
        (Metrics.MeanConfidence, "mean_confidence"), (Metrics.Nll, "mean_nll"), (Metrics.LowShare, $"below_{Main}"), (Metrics.MeanRun, $"mean_run_{Main}"),
        (Metrics.LongestRun, $"longest_run_{Main}"), (Metrics.Clustering, $"clustering_{Main}"), (Metrics.GroupAShare, $"groupA_fixed_g{Window}_{Main}"),
        (Metrics.GroupBShare, $"groupB_fixed_g{Window}_{Main}"), (Metrics.LowestWindow, $"v3_pconf_{Window}"), (Metrics.MeanWeight, $"v3_w_{Window}"),
    ];

    private IEnumerable<MetricRow> SourceRows(KeyValuePair<string, UncertaintySummary> source) =>
        Measured().Select(row => new MetricRow(source.Key, Value(row.Metric, source.Value.Statistics[row.Statistic], source.Value.Passages)));

    private static IEnumerable<MetricRow> EnrichmentRows(KeyValuePair<string, EntityEnrichment> source) =>
        source.Value.Tables.Select(table => new MetricRow($"{source.Key}: {table.Key}", Value(Metrics.OddsRatio, table.Value.OddsRatio, source.Value.Passages)));

    private Claim EntityClaim(KeyValuePair<string, EntityEnrichment> source)
    {
        MetricValue Odds(string table) => Value(Metrics.OddsRatio, source.Value.Tables[table].OddsRatio, source.Value.Passages);
        return Claim.Of(
            $"Low confidence sits on entities and causal words ({source.Key}).",
            Check.Above("Entity tokens are low more often than others.", Odds($"low_{Main}_vs_entity"), 1),
            Check.Above("Tokens that open a first mention are low more often.", Odds($"low_{Main}_vs_first_mention_word_initial"), 1),
            Check.Above("Causal words are low more often.", Odds($"low_{Main}_vs_causal"), 1));
    }
}
