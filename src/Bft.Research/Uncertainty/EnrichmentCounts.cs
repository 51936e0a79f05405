namespace Bft.Research.Uncertainty;

/// <summary>A named count of one passage; counts of passages add up.</summary>
/// <param name="Name">Name of the table or share.</param>
/// <param name="Count">The counts of a passage.</param>
internal sealed record PassageCount(string Name, Func<ScoredPassage, double[]> Count);

/// <summary>What is counted for <see cref="EntityEnrichment"/>.</summary>
internal static class EnrichmentCounts
{
    /// <summary>Two-by-two tables, four counts each.</summary>
    public static IReadOnlyList<PassageCount> Tables(UncertaintyStudyOptions options)
    {
        var main = UncertaintyStudyOptions.NameOf(options.MainThreshold);
        PassageCount Low(string name, Func<ScoredPassage, int, bool?> flag) =>
            new($"low_{main}_vs_{name}", p => Table(p, t => p.Confidences[t] < options.MainThreshold, t => flag(p, t)));
        return
        [
            .. options.EntityThresholds.Select(threshold => new PassageCount(
                $"low_{UncertaintyStudyOptions.NameOf(threshold)}_vs_entity", p => Table(p, t => p.Confidences[t] < threshold, t => IsEntity(p, t)))),
            Low("entity_word_initial", (p, t) => OpensWithText(p, t) ? IsEntity(p, t) : null),
            Low("entity_word_inner", (p, t) => OpensWithText(p, t) ? null : IsEntity(p, t)),
            Low("causal", (p, t) => p.Causal[t]),
            Low("first_mention", (p, t) => Mention(p, t, EntityMention.First)),
            Low("repeated_mention", (p, t) => Mention(p, t, EntityMention.Repeated)),
            Low("first_mention_word_initial", (p, t) => OpensWithText(p, t) ? Mention(p, t, EntityMention.First) : null),
            new("low_in_runs_of_3_or_more_against_single_vs_entity", p => RunTable(p, options.MainThreshold)),
        ];
    }

    /// <summary>Entity tokens, causal tokens and tokens in the windows of each group.</summary>
    public static IReadOnlyList<PassageCount> Groups(UncertaintyStudy study)
    {
        var options = study.Options;
        var window = options.EntityWindow;
        PassageCount Share(UncertaintyGroup group, string rule, Func<LowConfidence, UncertaintyGroup> classify) =>
            new($"entity_share_in_group{group}_{rule}_g{window}", passage =>
            {
                var counts = new double[3];
                foreach (var cut in UncertaintyWindow.Cut(passage.Confidences, 0, options.MainThreshold, window, window / 2))
                {
                    if (classify(cut.Low) != group)
                        continue;
                    for (var t = cut.Start; t < cut.Start + cut.Low.Length; t++)
                    {
                        counts[0] += IsEntity(passage, t) ? 1 : 0;
                        counts[1] += passage.Causal[t] ? 1 : 0;
                        counts[2]++;
                    }
                }

                return counts;
            });
        return
        [
            Share(UncertaintyGroup.A, "fixed", UncertaintyGroups.Fixed),
            Share(UncertaintyGroup.B, "fixed", UncertaintyGroups.Fixed),
            Share(UncertaintyGroup.A, "quantile", low => study.Cuts(window).Classify(low)),
            Share(UncertaintyGroup.B, "quantile", low => study.Cuts(window).Classify(low)),
        ];
    }

    /// <summary>[low and flagged, high and flagged, low and other, high and other]; tokens for which a question has no answer are left out.</summary>
    private static double[] Table(ScoredPassage passage, Func<int, bool?> low, Func<int, bool?> flagged)
    {
        var table = new double[4];
        for (var t = 0; t < passage.Length; t++)
            if (low(t) is { } isLow && flagged(t) is { } isFlagged)
                table[(isLow ? 0 : 1) + (isFlagged ? 0 : 2)]++;
        return table;
    }

    /// <summary>Low tokens in runs of three or more against single low tokens.</summary>
    private static double[] RunTable(ScoredPassage passage, double threshold)
    {
        var runAt = new int[passage.Length];
        for (int start = 0, end; start < runAt.Length; start = end + 1)
        {
            for (end = start; end < runAt.Length && passage.Confidences[end] < threshold;)
                end++;
            runAt.AsSpan(start, end - start).Fill(end - start);
        }

        return Table(passage, t => runAt[t] >= 3 ? true : runAt[t] == 1 ? false : null, t => IsEntity(passage, t));
    }

    /// <summary>A token of white space alone counts as inner here, because it can never lie on an entity.</summary>
    private static bool OpensWithText(ScoredPassage passage, int t) => passage.OpensWord[t] && !passage.Blank[t];

    private static bool IsEntity(ScoredPassage passage, int t) => passage.Entities[t] != EntityMention.None;

    private static bool? Mention(ScoredPassage passage, int t, EntityMention mention) =>
        passage.Entities[t] == mention ? true : passage.Entities[t] == EntityMention.None ? false : null;
}
