namespace Bft.Research.Uncertainty;

/// <summary>A two-by-two table and its odds ratio ad / bc.</summary>
/// <param name="Counts">[a, b, c, d]: low and flagged, high and flagged, low and other, high and other.</param>
/// <param name="OddsRatio">With its bootstrap interval over passages.</param>
public sealed record EnrichmentTable(IReadOnlyList<long> Counts, Estimate OddsRatio)
{
    /// <summary>Share of low tokens among the flagged ones, a / (a + b).</summary>
    public double RateFlagged => (double)Counts[0] / (Counts[0] + Counts[1]);

    /// <summary>Share of low tokens among the others, c / (c + d).</summary>
    public double RateOther => (double)Counts[2] / (Counts[2] + Counts[3]);
}

/// <summary>Entities in the windows of a group; tokens of overlapping windows count once in each.</summary>
/// <param name="EntityShare">Entity tokens / tokens, NaN when the group has no window.</param>
/// <param name="Tokens">Tokens of the group's windows.</param>
/// <param name="CausalShare">Tokens on causal words / tokens, NaN when the group has no window.</param>
public sealed record GroupEntities(Estimate EntityShare, long Tokens, double CausalShare);

/// <summary>Enrichment of low tokens, and of uncertain windows, in entities.</summary>
public sealed class EntityEnrichment
{
    internal EntityEnrichment(IReadOnlyList<ScoredPassage> passages, ulong seed, UncertaintyStudy study)
    {
        if (passages.Count == 0)
            throw new ArgumentException("passages: enrichment needs at least one passage.", nameof(passages));
        var options = study.Options;
        var tables = EnrichmentCounts.Tables(options);
        var groups = EnrichmentCounts.Groups(study);
        var bootstrap = new PassageBootstrap(
            [.. passages.Select(p => tables.SelectMany(t => t.Count(p)).Concat(groups.SelectMany(g => g.Count(p))).ToArray())], seed, options.Resamples);
        Estimate Of(Func<double[], double> statistic)
        {
            var (value, resamples) = bootstrap.Of(statistic);
            return Estimate.Percentile(value, resamples, options.Level);
        }

        Passages = passages.Count;
        EntityShare = (double)passages.Sum(p => p.Entities.Count(e => e != EntityMention.None)) / passages.Sum(p => p.Length);
        Tables = tables.Select((table, k) => (table.Name, At: 4 * k)).ToDictionary(t => t.Name, t => new EnrichmentTable(
            [.. bootstrap.Total.Skip(t.At).Take(4).Select(v => (long)v)],
            Of(sums => sums[t.At] * sums[t.At + 3] / (sums[t.At + 1] * sums[t.At + 2]))));
        Groups = groups.Select((group, k) => (group.Name, At: 4 * tables.Count + 3 * k)).ToDictionary(g => g.Name, g => new GroupEntities(
            Of(sums => sums[g.At] / sums[g.At + 2]), (long)bootstrap.Total[g.At + 2], bootstrap.Total[g.At + 1] / bootstrap.Total[g.At + 2]));
    }

    /// <summary>Number of passages.</summary>
    public int Passages { get; }

    /// <summary>Share of all tokens that lie on an entity.</summary>
    public double EntityShare { get; }

    /// <summary>Tables by name, for example <c>low_0.1_vs_entity</c>.</summary>
    public IReadOnlyDictionary<string, EnrichmentTable> Tables { get; }

    /// <summary>Entities in groups of windows by name, for example <c>entity_share_in_groupB_fixed_g64</c>.</summary>
    public IReadOnlyDictionary<string, GroupEntities> Groups { get; }
}
