using Bft.Research.Data;

namespace Bft.Research.Tests.Data;

public class EpochLayoutTests
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 500).Select(i => 4 + i * i * 7 % 61)];

    public static TheoryData<RowOrder, RowPacking, int?> Layouts()
    {
        TheoryData<RowOrder, RowPacking, int?> all = [];
        foreach (var order in Enum.GetValues<RowOrder>())
            foreach (var packing in Enum.GetValues<RowPacking>())
                foreach (var budget in (int?[])[null, 200])
                    all.Add(order, packing, budget);
        return all;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_sample_comes_once_and_no_limit_is_passed(RowOrder order, RowPacking packing, int? budget)
    {
        var options = new RowOptions { Order = order, Packing = packing, TokensPerMicroBatch = budget, Cutoff = 96 };
        Assert.Empty(options.Validate());
        var batches = EpochLayout.MicroBatches(Lengths, options, rows: 4, seed: 3, epoch: 1);
        Assert.Equal(Enumerable.Range(0, Lengths.Length), batches.SelectMany(b => b).SelectMany(r => r).Order());
        foreach (var batch in batches)
        {
            if (budget is { } most)
                Assert.InRange(Padded(batch), 2, most);
            else
                Assert.InRange(packing == RowPacking.PaddingFree ? batch[0].Length : batch.Length, 1, 4);
            if (packing == RowPacking.BestFit)
                Assert.All(batch, row => Assert.InRange(Tokens(row), 2, 96));
            if (packing == RowPacking.PaddingFree)
                Assert.Single(batch);
            if (packing == RowPacking.None)
                Assert.All(batch, row => Assert.Single(row));
        }

        Assert.Equal(batches, EpochLayout.MicroBatches(Lengths, options, 4, 3, 1));
        var other = EpochLayout.MicroBatches(Lengths, options, 4, 3, 2);
        if (order == RowOrder.AsRead)
            Assert.Equal(batches, other);
        else
            Assert.NotEqual(batches.SelectMany(b => b).SelectMany(r => r), other.SelectMany(b => b).SelectMany(r => r)); // the wrong variant: one order for all epochs
    }

    [Fact]
    public void Best_fit_wastes_less_than_filling_rows_in_order()
    {
        var rows = RowPacker.BestFit(Lengths, [.. Enumerable.Range(0, Lengths.Length)], 96);
        var fewest = (Lengths.Sum() + 95) / 96;
        Assert.InRange(rows.Length, fewest, fewest * 1.02);
        int inOrder = 1, used = 0;
        foreach (var length in Lengths)
            (inOrder, used) = used + length > 96 ? (inOrder + 1, length) : (inOrder, used + length);
        Assert.True(inOrder > fewest * 1.15, $"{inOrder} rows in order, {fewest} at best");
    }

    [Fact]
    public void A_sample_goes_where_it_leaves_least_room()
    {
        // 6 and 5 open rows of 10; the 4 fits both and fills the first; the 5 fills the second; the wrong variant, first fit by order, would put the 4 with the 5.
        Assert.Equal([[1, 2], [0, 3]], RowPacker.BestFit([5, 6, 4, 5], [0, 1, 2, 3], 10));
        Assert.Contains("at least 6", Assert.Throws<InvalidDataException>(() => RowPacker.BestFit([5, 6], [0, 1], 5)).Message);
    }

    [Fact]
    public void Grouping_by_length_leaves_less_padding_and_mixes_lengths_over_the_epoch()
    {
        var shuffled = EpochLayout.MicroBatches(Lengths, new() { Order = RowOrder.Shuffled }, 4, 3, 0);
        var grouped = EpochLayout.MicroBatches(Lengths, new() { Order = RowOrder.GroupedByLength }, 4, 3, 0);
        double Padding(int[][][] batches) => 1 - Lengths.Sum() / (double)batches.Sum(Padded);
        Assert.True(Padding(grouped) < Padding(shuffled) / 5, $"{Padding(grouped)} against {Padding(shuffled)}");
        // Batches of all lengths come at any time: the correlation of place and length stays small; sorted rows, the wrong variant, have it near 1.
        Assert.InRange(Math.Abs(Correlation([.. grouped.Select(batch => batch.Average(Tokens))])), 0, 0.2);
        Assert.True(Correlation([.. grouped.Select(batch => batch.Average(Tokens)).Order()]) > 0.9);
    }

    [Fact]
    public void A_sample_beyond_the_budget_is_named()
    {
        var error = Assert.Throws<InvalidDataException>(() => EpochLayout.MicroBatches([4, 30], new() { TokensPerMicroBatch = 20 }, 1, 0, 0));
        Assert.Contains("TokensPerMicroBatch: expected at least 30", error.Message);
    }

    [Fact]
    public void The_order_is_fixed_for_good()
    {
        Assert.Equal([4, 7, 2, 9, 0, 6, 8, 5, 3, 1], StableShuffle.Order(10, 42)); // a run must repeat on another runtime
        int[] lengths = [3, 9, 4, 8, 5, 7, 6, 2, 9, 3];
        string Layout(RowOptions options) => string.Join(" | ", EpochLayout.MicroBatches(lengths, options, 2, 42, 1).Select(batch => string.Join(' ', batch.Select(row => string.Join('+', row)))));
        Assert.Equal(
            ["0 4 | 9 5 | 2 3 | 8 6 | 1 7", "3 5 | 2 0 | 9 7 | 6 4 | 8 1", "9+1 4+5 | 6+7 2+3 | 0+8", "0+4+9+5 | 2+3 | 8+6 | 1+7"],
            [
                Layout(new()),
                Layout(new() { Order = RowOrder.GroupedByLength }),
                Layout(new() { Packing = RowPacking.BestFit, Cutoff = 12 }),
                Layout(new() { Packing = RowPacking.PaddingFree, TokensPerMicroBatch = 20 }),
            ]);
    }

    private static int Tokens(int[] row) => row.Sum(sample => Lengths[sample]);

    private static int Padded(int[][] batch) => batch.Length * batch.Max(Tokens);

    private static double Correlation(double[] values)
    {
        double mean = values.Average(), middle = (values.Length - 1) / 2.0;
        var covariance = values.Select((v, i) => (v - mean) * (i - middle)).Sum();
        return covariance / Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) * Enumerable.Range(0, values.Length).Sum(i => (i - middle) * (i - middle)));
    }
}
