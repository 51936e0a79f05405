using System.Globalization;
using Bft.Results;

namespace Bft.Research.Data;

/// <summary>How often something is the matter with rows.</summary>
/// <param name="Problem">What.</param>
/// <param name="Policy">What training does about it.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="First">Message of the first one.</param>
public sealed record RowProblemCount(DataProblem Problem, RowPolicy Policy, int Rows, string First);

/// <summary>What the rows of a file come to, under some options.</summary>
public sealed record RowSetSummary
{
    /// <summary>Rows that can be used, whatever the policies say about them.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens of these rows, after the cutoff.</summary>
    public required long Tokens { get; init; }

    /// <summary>Taught tokens of these rows.</summary>
    public required long Taught { get; init; }

    /// <summary>Responses of which something is taught.</summary>
    public required int Responses { get; init; }

    /// <summary>Responses whose end of turn is taught.</summary>
    public required int Ends { get; init; }

    /// <summary>Rows all of whose taught responses have their end taught.</summary>
    public required int RowsThatEnd { get; init; }

    /// <summary>Rows of several taught responses; a window of BFT can lie across two of them unless its scope is the turn.</summary>
    public required int RowsOfSeveralTurns { get; init; }

    /// <summary>Tokens of the row at the 50th, 90th, 95th, 99th and 100th percentile of length, after the cutoff.</summary>
    public required IReadOnlyList<int> Lengths { get; init; }

    /// <summary>Taught tokens of the row at the same percentiles of its own order.</summary>
    public required IReadOnlyList<int> TaughtLengths { get; init; }

    /// <summary>What is the matter, by kind; a row may count for several.</summary>
    public required IReadOnlyList<RowProblemCount> Problems { get; init; }

    /// <summary>Whether training refuses the file under the policies.</summary>
    public bool Refused => Problems.Any(problem => problem.Policy == RowPolicy.Refuse);

    /// <summary>Part of the tokens that is taught.</summary>
    public double TaughtShare => Tokens == 0 ? 0 : Taught / (double)Tokens;

    /// <summary>The numbers with their names.</summary>
    public TextTable ToTable() => TextTable.Of(
        ["", ">"],
        [
            ["rows that can be used", Number(Rows)],
            ["tokens", Number(Tokens)],
            ["taught tokens", $"{Number(Taught)} ({Percent(Taught, Tokens)})"],
            ["tokens a row: median, 90 %, 95 %, 99 %, longest", string.Join(", ", Lengths.Select(length => Number(length)))],
            ["taught tokens a row: the same", string.Join(", ", TaughtLengths.Select(length => Number(length)))],
            ["taught responses", Number(Responses)],
            ["responses whose end of turn is taught", $"{Number(Ends)} ({Percent(Ends, Responses)})"],
            ["rows whose ends of turn are all taught", $"{Number(RowsThatEnd)} ({Percent(RowsThatEnd, Rows)})"],
            ["rows of several taught responses", $"{Number(RowsOfSeveralTurns)} ({Percent(RowsOfSeveralTurns, Rows)})"],
        ]);

    /// <summary>What is the matter, what training does about it, and the first row of each kind.</summary>
    public TextTable ToProblemTable() => TextTable.Of(
        ["problem", ">rows", "training", "first"],
        Problems.Select(problem => new[] { $"{problem.Problem}", Number(problem.Rows), Words(problem), problem.First }));

    /// <summary>The summary of rows.</summary>
    internal static RowSetSummary Of(IReadOnlyList<TokenizedExample> rows, DataReport report, RowPolicies policies)
    {
        int[] lengths = [.. rows.Select(row => row.Length).Order()], taught = [.. rows.Select(row => row.Supervised).Order()];
        return new()
        {
            Rows = rows.Count,
            Tokens = lengths.Sum(length => (long)length),
            Taught = taught.Sum(length => (long)length),
            Responses = rows.Sum(row => row.Ends.Count),
            Ends = rows.Sum(row => row.Ends.Count(end => end >= 0)),
            RowsThatEnd = rows.Count(row => row.Ends.Count > 0 && row.Ends.All(end => end >= 0)),
            RowsOfSeveralTurns = rows.Count(row => row.Ends.Count > 1),
            Lengths = Percentiles(lengths),
            TaughtLengths = Percentiles(taught),
            Problems = [.. report.Counts().Select(count => new RowProblemCount(count.Problem, policies.For(count.Problem), count.Count, count.First))],
        };
    }

    /// <summary>The smallest values that so many of a hundred do not exceed.</summary>
    private static int[] Percentiles(int[] sorted) =>
        sorted.Length == 0 ? [] : [.. new[] { 50, 90, 95, 99, 100 }.Select(percent => sorted[Math.Max(0, (sorted.Length * percent + 99) / 100 - 1)])];

    private static string Words(RowProblemCount problem) => problem.Policy switch
    {
        RowPolicy.Refuse => "stops",
        RowPolicy.Skip => "leaves them out",
        _ => problem.Problem == DataProblem.TooLong ? "cuts them" : "uses them",
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(long part, long whole) => whole == 0 ? "–" : (part / (double)whole).ToString("0.0 %", CultureInfo.InvariantCulture);
}
