using Bft.Research.Numerics;

namespace Bft.Research.Tests;

public class NextTokenTests
{
    [Fact]
    public void Position_t_predicts_label_t_plus_1_and_the_first_label_never_counts()
    {
        var scored = NextToken.Align([7, 8, NextToken.Ignored, 9, NextToken.Ignored, 5, 6, NextToken.Ignored], 2, 4);
        Assert.Equal([0, 2, 4, 5], scored.Positions);
        Assert.Equal([8, 9, 5, 6], scored.Targets);
        Assert.Equal([0, 2, 4], scored.Starts);
        Assert.NotEqual([0, 1, 3, 5, 6], scored.Positions); // the wrong variant: labels left where they are
    }

    [Fact]
    public void A_packed_sample_is_not_predicted_by_its_neighbour()
    {
        var scored = NextToken.Align([1, 2, 3, 4, 5, 6], 1, 6, [0, 0, 0, 1, 1, -1]);
        Assert.Equal([0, 1, 3], scored.Positions);
        Assert.Equal([2, 3, 5], scored.Targets);
        Assert.Equal([0, 2, 3], scored.Starts);
    }

    [Fact]
    public void A_sample_without_a_supervised_token_stays_a_sample() =>
        Assert.Equal([0, 0, 1], NextToken.Align([-100, -100, -100, 4], 2, 2).Starts);

    [Fact]
    public void A_wrong_shape_names_expected_and_actual() =>
        Assert.Contains("expected B·T = 2·3 = 6 entries, actual 5", Assert.Throws<ArgumentException>(() => NextToken.Align(new long[5], 2, 3)).Message);
}
