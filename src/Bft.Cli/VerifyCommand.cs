using System.CommandLine;
using Bft.Research.Verification;

namespace Bft.Cli;

/// <summary><c>bft verify</c>: compares this build with reference values.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "folder of case files" };
        var command = new Command("verify", "Run every reference case under DIR and print a table.") { folder };
        command.SetAction(result =>
        {
            var path = Path.GetFullPath(result.GetValue(folder)!);
            using var context = new VerificationContext(VerificationContext.NearestRoot(path));
            var outcomes = Verifier.Run(path, context).ToList();
            foreach (var group in outcomes.GroupBy(o => (o.Case.Area, o.Case.Kind)))
            {
                var worst = group.MaxBy(o => o.LargestDeviation)!;
                Console.WriteLine($"{group.Key.Area,-16} {group.Key.Kind,-20} {group.Count(),6} {group.Count(o => o.Passed),6} {worst.LargestDeviation,10:0.0e+00}  {worst.Case.Id}");
            }

            foreach (var outcome in outcomes.Where(o => !o.Passed).Take(30))
                Console.WriteLine($"FAILED {outcome.Case.Kind} {outcome.Case.Id}: {string.Join("; ", outcome.Mismatches.Take(3))}");
            return outcomes.All(o => o.Passed) ? 0 : 1;
        });
        return command;
    }
}
