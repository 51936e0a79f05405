using Bft.Research.Numerics;

namespace Bft.Research.Uncertainty;

/// <summary>
/// The test behind BFT: is low confidence dense in some texts and sparse in others, and does it sit on entities?
/// Holds what all sets of passages share, the domains' own thresholds and the cut-offs of quantile groups, and measures any set.
/// </summary>
public sealed class UncertaintyStudy
{
    private readonly Dictionary<string, double> _own;
    private readonly Dictionary<int, UncertaintyCuts> _cuts;

    /// <summary>Takes thresholds and cut-offs from the passages of <see cref="UncertaintyStudyOptions.Domains"/>.</summary>
    /// <exception cref="ArgumentException">The options are not valid, or a domain has no passage.</exception>
    public UncertaintyStudy(IReadOnlyList<ScoredPassage> passages, UncertaintyStudyOptions? options = null)
    {
        Options = options ?? new();
        List<string> problems = [.. Options.Validate()];
        problems.AddRange(Options.Domains.Where(d => passages.All(p => p.Passage.Domain != d)).Select(d => $"passages: none of domain '{d}'."));
        if (problems.Count > 0)
            throw new ArgumentException($"Uncertainty study: {string.Join(" ", problems)}", nameof(options));
        ScoredPassage[] compared = [.. passages.Where(p => Options.Domains.Contains(p.Passage.Domain))];
        _own = Options.Domains.ToDictionary(
            domain => domain,
            domain => Quantile.Of(compared.Where(p => p.Passage.Domain == domain).SelectMany(p => p.Confidences), Options.OwnQuantile));
        _cuts = Options.Windows.Append(Options.EntityWindow).Distinct().ToDictionary(
            window => window,
            window => UncertaintyCuts.Of(compared
                .SelectMany(p => UncertaintyWindow.Cut(p.Confidences, 0, Options.MainThreshold, window, window / 2))
                .Select(w => w.Low)));
    }

    /// <summary>The options in force.</summary>
    public UncertaintyStudyOptions Options { get; }

    /// <summary>Each compared domain's own threshold.</summary>
    public IReadOnlyDictionary<string, double> OwnThresholds => _own;

    /// <summary>Cut-offs of quantile groups for a window length of the options.</summary>
    public UncertaintyCuts Cuts(int window) => _cuts[window];

    /// <summary>The own threshold that a passage is measured with.</summary>
    public double OwnThreshold(ScoredPassage passage) => _own.TryGetValue(passage.Passage.Domain, out var own) ? own : _own[Options.Domains[0]];

    /// <summary>Measures a set of passages.</summary>
    /// <param name="passages">At least one.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public UncertaintySummary Summarize(IEnumerable<ScoredPassage> passages, ulong seed) => new([.. passages], seed, this);

    /// <summary>Where low tokens are more frequent: on entities, on causal words, on first mentions.</summary>
    /// <param name="passages">At least one, annotated.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public EntityEnrichment Enrichment(IEnumerable<ScoredPassage> passages, ulong seed) => new([.. passages], seed, this);
}
