using Bft.Research.Numerics;
using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments;

/// <summary>Draws rows and seeds again with replacement, independently of each other; the same draws for every arm, so that differences are paired.</summary>
/// <remarks>Row j of resample b is <see cref="SplitMix64.Index"/> of the seed at number b·rows + j; seed j of resample b is that of seed + 1 at b·seeds + j. With one seed only rows vary.</remarks>
internal sealed class FineTuningBootstrap
{
    private const double Level = 0.95;
    private readonly int[][] _rows;
    private readonly int[][] _seeds;

    /// <param name="rows">Rows of the probe.</param>
    /// <param name="seeds">Seeds of every arm.</param>
    /// <param name="resamples">How often it is drawn.</param>
    /// <param name="seed">Seed of the draws.</param>
    public FineTuningBootstrap(int rows, int seeds, int resamples, ulong seed)
    {
        _rows = [.. Enumerable.Range(0, resamples).Select(b => Draw(rows, seed, b))];
        _seeds = [.. Enumerable.Range(0, resamples).Select(b => Draw(seeds, seed + 1, b))];
    }

    /// <summary>Sums over all rows and seeds, and over each resample.</summary>
    /// <param name="runs">[seeds][rows] sums.</param>
    public Resampled Of(IReadOnlyList<IReadOnlyList<TokenSums>> runs) => new(
        runs.SelectMany(run => run).Aggregate(new TokenSums(), (sum, row) => sum + row),
        [.. _rows.Zip(_seeds, (rows, seeds) => Sum(runs, rows, seeds))]);

    /// <summary>An estimate of a statistic of several numbers, one a seed, over seeds alone.</summary>
    /// <param name="statistic">Of the numbers of the seeds that are drawn, by index.</param>
    public Estimate OverSeeds(Func<IReadOnlyList<int>, double> statistic) =>
        Estimate.Percentile(statistic([.. Enumerable.Range(0, _seeds[0].Length)]), _seeds.Select(times => statistic([.. times.SelectMany((n, i) => Enumerable.Repeat(i, n))])), Level);

    private static TokenSums Sum(IReadOnlyList<IReadOnlyList<TokenSums>> runs, int[] rows, int[] seeds)
    {
        var sum = new TokenSums();
        for (var s = 0; s < seeds.Length; s++)
        {
            if (seeds[s] == 0)
                continue;
            var run = new TokenSums();
            for (var r = 0; r < rows.Length; r++)
                if (rows[r] > 0)
                    run += rows[r] * runs[s][r];
            sum += seeds[s] * run;
        }

        return sum;
    }

    private static int[] Draw(int count, ulong seed, int resample)
    {
        var times = new int[count];
        for (var j = 0; j < count; j++)
            times[SplitMix64.Index(seed, (ulong)resample * (ulong)count + (ulong)j, count)]++;
        return times;
    }

    /// <summary>Sums of the sample and of its resamples.</summary>
    /// <param name="Total">Of all rows and seeds.</param>
    /// <param name="Resamples">Of each resample.</param>
    public sealed record Resampled(TokenSums Total, TokenSums[] Resamples)
    {
        /// <summary>A statistic with its 95 % interval.</summary>
        public Estimate Estimate(Func<TokenSums, double> statistic) => Uncertainty.Estimate.Percentile(statistic(Total), Resamples.Select(statistic), Level);

        /// <summary>The difference of a statistic between this and another arm, paired by resample.</summary>
        public Estimate Minus(Resampled other, Func<TokenSums, double> statistic) =>
            Uncertainty.Estimate.Percentile(statistic(Total) - statistic(other.Total), Resamples.Zip(other.Resamples, (a, b) => statistic(a) - statistic(b)), Level);
    }
}
