namespace Bft.Research.Data;

/// <summary>What the micro-batches of an epoch come to.</summary>
/// <param name="MicroBatches">Number of micro-batches.</param>
/// <param name="Rows">Rows of all of them.</param>
/// <param name="Samples">Samples in these rows.</param>
/// <param name="RealTokens">Tokens of the samples.</param>
/// <param name="PaddedTokens">Positions that go through the model, padding included.</param>
/// <param name="LargestMicroBatch">Positions of the largest micro-batch.</param>
public sealed record LayoutTotals(int MicroBatches, int Rows, int Samples, long RealTokens, long PaddedTokens, long LargestMicroBatch)
{
    /// <summary>Part of the positions that is padding.</summary>
    public double PaddingShare => 1 - RealTokens / (double)PaddedTokens;

    /// <summary>The totals in words.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Samples} samples in {Rows} rows and {MicroBatches} micro-batches of at most {LargestMicroBatch} tokens; {PaddingShare * 100:0.0} % padding");

    internal static LayoutTotals Of(int[][][] microBatches, int[] lengths)
    {
        long Positions(int[][] batch) => batch.Length * (long)batch.Max(row => row.Sum(sample => lengths[sample]));
        return new(
            microBatches.Length,
            microBatches.Sum(batch => batch.Length),
            microBatches.Sum(batch => batch.Sum(row => row.Length)),
            lengths.Sum(length => (long)length),
            microBatches.Sum(Positions),
            microBatches.Max(Positions));
    }
}
