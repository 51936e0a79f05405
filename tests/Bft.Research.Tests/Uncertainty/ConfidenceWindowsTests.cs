using Bft.Research.Uncertainty;

namespace Bft.Research.Tests.Uncertainty;

public class ConfidenceWindowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(256)]
    [InlineData(int.MaxValue)]
    public void Sliding_means_equal_sums_by_hand(int window)
    {
        var random = new Random(3);
        foreach (var n in new[] { 0, 1, 2, 7, 300 })
        {
            double[] values = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
            foreach (var alignment in Enum.GetValues<WindowAlignment>())
            {
                var means = new double[n];
                ConfidenceWindows.CentredMeans(values, window, alignment, means);
                var before = alignment == WindowAlignment.Left ? window / 2 : (window - 1) / 2;
                for (var t = 0; t < n; t++)
                    Assert.Equal(values.Where((_, j) => j >= t - before && j < (long)t - before + window).Average(), means[t], 1e-13);
            }

            var full = new double[ConfidenceWindows.FullCount(n, window)];
            ConfidenceWindows.FullMeans(values, window, full);
            for (var i = 0; i < full.Length; i++)
                Assert.Equal(values.Skip(i).Take(window).Average(), full[i], 1e-13);
            Assert.Equal(n == 0 ? double.PositiveInfinity : full.Min(), ConfidenceWindows.LowestFullMean(values, window));
        }
    }

    [Fact]
    public void A_small_mean_behind_large_values_keeps_its_digits()
    {
        double[] values = [.. Enumerable.Repeat(1.0, 1000), .. Enumerable.Repeat(1e-30, 10)];
        Assert.Equal(1, ConfidenceWindows.LowestFullMean(values, 4) / 1e-30, 1e-12);
        double sum = values.Take(1006).Sum(), longer = values.Take(1010).Sum();
        Assert.NotEqual(1, (longer - sum) / 4 / 1e-30, 1e-12); // the wrong variant: a difference of prefix sums
    }

    [Fact]
    public void The_two_alignments_differ_for_even_windows_only()
    {
        Assert.Equal(new WindowSpan(3, 2), ConfidenceWindows.Centred(4, 9, 2, WindowAlignment.Left));
        Assert.Equal(new WindowSpan(4, 2), ConfidenceWindows.Centred(4, 9, 2, WindowAlignment.Right));
        Assert.Equal(ConfidenceWindows.Centred(4, 9, 3, WindowAlignment.Left), ConfidenceWindows.Centred(4, 9, 3, WindowAlignment.Right));
    }

    [Fact]
    public void A_window_of_no_token_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfidenceWindows.LowestFullMean([.5], 0));
}
