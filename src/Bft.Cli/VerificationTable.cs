using Bft.Research.Verification;

namespace Bft.Cli;

/// <summary>Prints verification outcomes: a line for each area and kind, then the failures.</summary>
internal static class VerificationTable
{
    private const int ShownFailures = 20;

    public static void Write(TextWriter output, IReadOnlyList<CaseOutcome> outcomes)
    {
        output.WriteLine($"{"area",-16} {"kind",-28} {"cases",7} {"passed",7} {"largest deviation",18}  case");
        foreach (var group in outcomes.GroupBy(o => (o.Case.Area, o.Case.Kind)))
        {
            var worst = group.MaxBy(o => o.LargestDeviation)!;
            var kind = group.First().Known ? group.Key.Kind : $"{group.Key.Kind} (unknown)";
            output.WriteLine(
                $"{group.Key.Area,-16} {kind,-28} {group.Count(),7} {group.Count(o => o.Passed),7} {worst.LargestDeviation,18:0.0e+00}"
                + $"  {(worst.LargestDeviation > 0 ? worst.Case.Id : "")}");
        }

        var failures = outcomes.Where(o => !o.Passed).ToList();
        foreach (var failure in failures.Take(ShownFailures))
        {
            output.WriteLine($"failed: {failure.Case.Area} {failure.Case.Kind} {failure.Case.Id}");
            foreach (var mismatch in failure.Mismatches.Take(3))
                output.WriteLine($"    {mismatch}");
        }

        if (failures.Count > ShownFailures)
            output.WriteLine($"... and {failures.Count - ShownFailures} more (--json FILE lists all)");
        output.WriteLine($"{outcomes.Count(o => o.Passed)} of {outcomes.Count} cases pass");
    }
}
