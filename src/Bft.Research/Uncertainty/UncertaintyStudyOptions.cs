namespace Bft.Research.Uncertainty;

/// <summary>How the uncertainty structure of texts is measured.</summary>
public sealed record UncertaintyStudyOptions
{
    /// <summary>Confidences below which a token is low.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [0.05, 0.1, 0.2, 0.3];

    /// <summary>The threshold of everything that is measured at one threshold only.</summary>
    public double MainThreshold { get; init; } = 0.1;

    /// <summary>A domain's own threshold is this quantile of all its confidences.</summary>
    public double OwnQuantile { get; init; } = 0.2;

    /// <summary>Window lengths g, in tokens; windows of the groups start every g/2 tokens.</summary>
    public IReadOnlyList<int> Windows { get; init; } = [256, 64];

    /// <summary>Window length g of the groups whose entities are counted.</summary>
    public int EntityWindow { get; init; } = 64;

    /// <summary>
    /// The domains that are compared: each has its own threshold, and the cut-offs of quantile groups come from all of them. Other passages use the first one's.
    /// </summary>
    public IReadOnlyList<string> Domains { get; init; } = ["biomedical", "general"];

    /// <summary>Stabiliser of the v3 weight.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Bootstrap resamples.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Level of the intervals.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Thresholds at which enrichment in entities is measured.</summary>
    public IReadOnlyList<double> EntityThresholds { get; init; } = [0.05, 0.1, 0.2];

    /// <summary>How a threshold is written in names of statistics, for example <c>0.1</c>.</summary>
    public static string NameOf(double threshold) => threshold.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How a domain's own threshold is called in names of statistics, for example <c>own_q20</c>.</summary>
    public string OwnName() => FormattableString.Invariant($"own_q{100 * OwnQuantile:0.##}");

    /// <summary>All problems, each naming the field; none when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (Thresholds.Concat(EntityThresholds).Any(t => !(t > 0)) || !(MainThreshold > 0))
            problems.Add($"{nameof(Thresholds)}, {nameof(MainThreshold)}: expected numbers above 0, actual {string.Join(", ", Thresholds)}; {MainThreshold}.");
        if (!(OwnQuantile >= 0 && OwnQuantile <= 1))
            problems.Add($"{nameof(OwnQuantile)}: expected a number in [0, 1], actual {OwnQuantile}.");
        if (Windows.Count == 0 || Windows.Append(EntityWindow).Any(g => g < 2))
            problems.Add($"{nameof(Windows)}, {nameof(EntityWindow)}: expected lengths of at least 2, actual {string.Join(", ", Windows)}; {EntityWindow}.");
        if (Domains.Count == 0)
            problems.Add($"{nameof(Domains)}: expected at least one.");
        if (!(Epsilon >= 0))
            problems.Add($"{nameof(Epsilon)}: expected at least 0, actual {Epsilon}.");
        if (Resamples < 1)
            problems.Add($"{nameof(Resamples)}: expected at least 1, actual {Resamples}.");
        if (!(Level > 0 && Level < 1))
            problems.Add($"{nameof(Level)}: expected a number between 0 and 1, actual {Level}.");
        return problems;
    }
}
