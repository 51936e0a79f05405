using System.Numerics;
using Bft.Research.Numerics;

namespace Bft.Research.Uncertainty;

/// <summary>Sums over passages, and over passages drawn again with replacement. Every passage gives a row of numbers; statistics are functions of the sums.</summary>
/// <remarks>Draw j of resample b from n passages is <see cref="SplitMix64.Index"/> of the seed at number b·n + j, so a run can be repeated anywhere.</remarks>
internal sealed class PassageBootstrap
{
    private readonly double[] _total;
    private readonly double[][] _resamples;

    public PassageBootstrap(IReadOnlyList<double[]> rows, ulong seed, int resamples)
    {
        var width = rows[0].Length;
        _total = new double[width];
        foreach (var row in rows)
            Add(row, _total);
        _resamples = new double[resamples][];
        for (var b = 0; b < resamples; b++)
        {
            var sums = _resamples[b] = new double[width];
            for (var j = 0; j < rows.Count; j++)
                Add(rows[SplitMix64.Index(seed, (ulong)b * (ulong)rows.Count + (ulong)j, rows.Count)], sums);
        }
    }

    /// <summary>A statistic of the sums: of all passages, and of each resample.</summary>
    public (double Value, double[] Resamples) Of(Func<double[], double> statistic) => (statistic(_total), [.. _resamples.Select(statistic)]);

    /// <summary>The sums over all passages.</summary>
    public IReadOnlyList<double> Total => _total;

    private static void Add(double[] row, double[] sums)
    {
        var i = 0;
        for (; i <= row.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(row, i) + new Vector<double>(sums, i)).CopyTo(sums, i);
        for (; i < row.Length; i++)
            sums[i] += row[i];
    }
}
