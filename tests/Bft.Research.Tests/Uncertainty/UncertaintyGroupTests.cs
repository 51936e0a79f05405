using Bft.Research.Numerics;
using Bft.Research.Uncertainty;

namespace Bft.Research.Tests.Uncertainty;

public class UncertaintyGroupTests
{
    [Theory]
    [InlineData(10, 1, 1, UncertaintyGroup.A)]
    [InlineData(10, 0, 0, UncertaintyGroup.None)]
    [InlineData(9, 1, 1, UncertaintyGroup.None)]
    [InlineData(40, 4, 4, UncertaintyGroup.None)]
    [InlineData(30, 9, 8, UncertaintyGroup.B)]
    [InlineData(30, 9, 7, UncertaintyGroup.None)]
    [InlineData(31, 9, 8, UncertaintyGroup.None)]
    [InlineData(0, 0, 0, UncertaintyGroup.None)]
    public void Fixed_cut_offs_include_their_bounds(int length, int low, int run, UncertaintyGroup expected) =>
        Assert.Equal(expected, UncertaintyGroups.Fixed(new(length, low, run)));

    [Fact]
    public void A_token_at_the_threshold_is_not_low()
    {
        Assert.Equal(new LowConfidence(4, 1, 1), LowConfidence.Count([.1, .09, .1, .2], .1));
        Assert.NotEqual(LowConfidence.Count([.1, .09, .1, .2], .1), LowConfidence.Count([.1, .09, .1, .2], Math.BitIncrement(.1))); // the wrong variant: at or below
    }

    [Fact]
    public void Tail_tokens_get_a_window_only_when_they_are_kept()
    {
        var confidences = Enumerable.Repeat(.5, 11).ToArray();
        Assert.Equal([0, 2, 4, 6], UncertaintyWindow.Cut(confidences, 0, .1, 4, 2).Select(w => w.Start));
        var kept = UncertaintyWindow.Cut(confidences, 0, .1, 4, 2, WindowTail.Keep);
        Assert.Equal((8, 3), (kept[^1].Start, kept[^1].Low.Length));
        Assert.Single(UncertaintyWindow.Cut(confidences, 0, .1, 11, 5, WindowTail.Keep));
        Assert.Empty(UncertaintyWindow.Cut([], 0, .1, 4, 2));
    }

    [Fact]
    public void Quantile_groups_need_both_measures_strictly_above()
    {
        var cuts = new UncertaintyCuts(FractionMedian: .2, Fraction90: .5, RunMedian: 3, Run90: 6);
        Assert.Equal(UncertaintyGroup.B, cuts.Classify(new(10, 6, 7)));
        Assert.Equal(UncertaintyGroup.None, cuts.Classify(new(10, 6, 6)));
        Assert.Equal(UncertaintyGroup.A, cuts.Classify(new(10, 3, 2)));
        Assert.Equal(UncertaintyGroup.None, cuts.Classify(new(10, 3, 2), fractionBelowMedian: true));
    }

    [Fact]
    public void Quantiles_interpolate_between_order_statistics()
    {
        Assert.Equal(2.5, Quantile.Of([4, 1, 2, 3], .5));
        Assert.Equal(1.3, Quantile.Of([4, 1, 2, 3], .1), 1e-12);
        Assert.NotEqual(3, Quantile.Of([4, 1, 2, 3], .5)); // the wrong variant: the nearest order statistic
        Assert.Throws<ArgumentException>(() => Quantile.Of([], .5));
        Assert.Throws<ArgumentException>(() => Quantile.Of([1], 1.5));
    }
}
