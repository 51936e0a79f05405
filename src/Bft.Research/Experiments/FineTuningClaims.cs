using Bft.Results;

namespace Bft.Research.Experiments;

/// <summary>The claims of the comparison: that the set-up teaches, that BFT v3 learns what the others miss, forgets less, and does so steadily.</summary>
/// <param name="findings">The numbers.</param>
/// <param name="gain">Name of the probe of what was learned.</param>
/// <param name="general">Name of the probe of general text.</param>
internal sealed class FineTuningClaims(FineTuningFindings findings, string gain, string general)
{
    private const int SeedsForSpread = 5;
    private static readonly string[] s_others = ["sft", "dft"];

    private IEnumerable<string> Others => s_others.Where(findings.Objectives.Contains);

    public ClaimTable All() => findings.Objectives.Contains(FineTuningFindings.Balanced) ? ClaimTable.Of(Teaches(), LearnsLow(), ForgetsLess(), Steadier()) : ClaimTable.Of(Teaches());

    private Claim Teaches() => new(
        "Every objective learns what is taught, so that a comparison means something.",
        [
            .. findings.Objectives.Select(objective => Check.Above(
                $"{objective}: accuracy on {gain} rises.", findings.Difference(objective, FineTuningFindings.Base, gain, ProbeSubset.All, Metrics.Accuracy))),
        ]);

    private Claim LearnsLow() => new(
        "BFT v3 learns the low-confidence tokens that SFT and DFT miss.",
        [
            .. Others.SelectMany(other => (Check[])
            [
                Check.Above($"Accuracy on tokens low before is higher than with {other}.", Low(other, Metrics.Accuracy)),
                Check.Above($"Their mean confidence is higher than with {other}.", Low(other, Metrics.MeanConfidence)),
                Check.Below($"Their NLL is lower than with {other}.", Low(other, Metrics.Nll)),
            ]),
        ]);

    private Claim ForgetsLess() => new(
        "BFT v3 forgets less general text than SFT.",
        [
            .. Others.Where(other => other == "sft").SelectMany(other => (Check[])
            [
                Check.Below($"NLL of general text is lower than with {other}.", findings.Difference(FineTuningFindings.Balanced, other, general, ProbeSubset.All, Metrics.Nll)),
                Check.Above($"Accuracy on general text is higher than with {other}.", findings.Difference(FineTuningFindings.Balanced, other, general, ProbeSubset.All, Metrics.Accuracy)),
            ]),
        ]);

    private Claim Steadier() => new(
        "The gains of BFT v3 are steadier over seeds.",
        [.. Others.Select(other => Spread($"Accuracy gained on tokens low before varies less than with {other}.", other))]);

    private MetricValue Low(string other, Metric metric) => findings.Difference(FineTuningFindings.Balanced, other, gain, ProbeSubset.LowBefore, metric);

    private Check Spread(string statement, string other) => findings.Seeds.Count >= SeedsForSpread
        ? Check.Below(statement, findings.SpreadDifference(FineTuningFindings.Balanced, other))
        : Check.Undecided(statement, findings.Seeds.Count == 1
            ? "one seed has no spread"
            : $"standard deviation {NumberText.Significant(findings.Spread(FineTuningFindings.Balanced))} against {NumberText.Significant(findings.Spread(other))} over {findings.Seeds.Count} seeds; fewer than {SeedsForSpread} decide nothing");
}
