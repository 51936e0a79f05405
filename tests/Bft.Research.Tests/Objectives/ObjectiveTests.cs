using Bft.Research.Objectives;

namespace Bft.Research.Tests.Objectives;

public class ObjectiveTests
{
    private static readonly ObjectiveKind[] s_kinds = Enum.GetValues<ObjectiveKind>();

    private static TokenLogProbs Tokens(params double[][] samples)
    {
        List<int> starts = [0];
        foreach (var sample in samples)
            starts.Add(starts[^1] + sample.Length);
        return new([.. samples.SelectMany(s => s)], [.. starts]);
    }

    private static double[] Logs(params double[] confidences) => [.. confidences.Select(c => Math.Log(c))];

    [Fact]
    public void Coefficients_times_minus_log_p_are_the_loss()
    {
        var tokens = Tokens(Logs(.9, .1, .5), Logs(.2, .3));
        foreach (var kind in s_kinds)
        {
            var weighting = Objective.Create(new() { Kind = kind, ConfidenceWindow = 2 }).Weigh(tokens, new(5, 2));
            var sum = weighting.Coefficients.Zip(tokens.Values, (k, l) => k * -l).Sum();
            Assert.Equal(weighting.Loss, sum, 1e-14);
            Assert.NotEqual(weighting.Loss, sum * 2, 1e-3); // the wrong variant: one row's mean taken for the batch's
        }
    }

    [Fact]
    public void A_window_of_the_sequence_straddles_turns_and_a_window_of_the_turn_does_not()
    {
        var tokens = new TokenLogProbs(Logs(.9, .9, .1, .9), [0, 4], [0, 0, 1, 1]);
        double Lowest(WindowScope scope) => Objective.Create(new() { Kind = ObjectiveKind.BftV1Paper, ConfidenceWindow = 3, WindowScope = scope })
            .Weigh(tokens, new(4, 1)).LowestWindows![0];
        Assert.Equal((.9 + .9 + .1) / 3, Lowest(WindowScope.Sequence), 1e-12);
        Assert.Equal((.1 + .9) / 2, Lowest(WindowScope.Turn), 1e-12);
        Assert.NotEqual(Lowest(WindowScope.Sequence), Lowest(WindowScope.Turn), 1e-3);
    }

    [Fact]
    public void Turn_windows_without_turn_numbers_are_an_error() =>
        Assert.Contains("needs turn numbers", Assert.Throws<ArgumentException>(() =>
            Objective.Create(new() { WindowScope = WindowScope.Turn }).Weigh(Tokens(Logs(.5)), new(1, 1))).Message);

    [Fact]
    public void A_packed_row_weighs_like_its_samples_apart()
    {
        double[] first = Logs(.9, .8, .05), second = Logs(.3, .2);
        var objective = Objective.Create(new() { ConfidenceWindow = 4 });
        var packed = objective.Weigh(Tokens(first, second), new(5, 2));
        var apart = new[] { first, second }.SelectMany(s => objective.Weigh(Tokens(s), new(5, 2)).Coefficients);
        Assert.Equal(apart, packed.Coefficients);
        Assert.NotEqual(packed.Coefficients, objective.Weigh(Tokens([.. first, .. second]), new(5, 2)).Coefficients); // the wrong variant: windows across the boundary
    }

    [Fact]
    public void Minus_infinity_weighs_nothing_where_confidence_weighs()
    {
        var tokens = Tokens([double.NegativeInfinity, Math.Log(.5)]);
        foreach (var kind in s_kinds.Except([ObjectiveKind.Sft]))
        {
            var weighting = Objective.Create(new() { Kind = kind, ConfidenceWindow = 2 }).Weigh(tokens, new(2, 1));
            Assert.True(double.IsFinite(weighting.Loss), $"{kind}: {weighting.Loss}");
            Assert.Equal(0, weighting.Coefficients[0]);
        }

        Assert.True(double.IsNaN(Math.Exp(double.NegativeInfinity) * double.PositiveInfinity)); // the wrong variant: multiplying
        Assert.Equal(double.PositiveInfinity, Objective.Create(new() { Kind = ObjectiveKind.Sft }).Weigh(tokens, new(2, 1)).Loss);
    }

    [Fact]
    public void A_nan_reaches_the_loss()
    {
        foreach (var kind in s_kinds)
            Assert.True(double.IsNaN(Objective.Create(new() { Kind = kind }).Weigh(Tokens([-1, double.NaN, -1]), new(3, 1)).Loss), $"{kind}");
    }

    [Fact]
    public void A_relative_stabiliser_keeps_a_flat_improbable_span_at_weight_1()
    {
        var flat = Tokens([-70, -70, -70, -70]);
        double Weight(bool relative) => Objective.Create(new() { RelativeEpsilon = relative }).Weigh(flat, new(4, 1)).TokenWeights[1];
        Assert.Equal(1, Weight(true), 1e-7);
        Assert.True(Weight(false) < 1e-20);
    }

    [Fact]
    public void Sequence_weight_of_v1_keeps_its_digits_near_1()
    {
        var weighting = Objective.Create(new() { Kind = ObjectiveKind.BftV1Code, ConfidenceWindow = 2 }).Weigh(Tokens([-1e-13, -1e-13]), new(2, 1));
        Assert.Equal(1, weighting.SequenceWeights[0] / 1e-13, 1e-9);
        Assert.NotEqual(1, (1 - Math.Exp(-1e-13)) / 1e-13, 1e-5); // the wrong variant: a difference
    }

    [Fact]
    public void Sum_over_micro_batches_grows_with_their_number_and_the_clean_mean_does_not()
    {
        double[][] samples = [Logs(.9, .1), Logs(.4, .2), Logs(.7, .6), Logs(.3, .2)];
        double Loss(Reduction reduction, int size)
        {
            var objective = Objective.Create(new() { ConfidenceWindow = 2, Reduction = reduction });
            return samples.Chunk(size).Sum(part => objective.Weigh(Tokens(part), new(8, 4, 4 / size)).Loss);
        }

        Assert.Equal(Loss(Reduction.PerSequence, 4), Loss(Reduction.PerSequence, 1), 1e-14);
        Assert.Equal(4 * Loss(Reduction.PerSequence, 4), Loss(Reduction.SumOverMicroBatches, 1), 1e-14);
        Assert.Equal(Loss(Reduction.PerSequence, 4), Loss(Reduction.MeanOverMicroBatches, 1), 1e-14);
    }

    [Fact]
    public void Every_problem_of_the_options_is_named_at_once()
    {
        var options = new ObjectiveOptions { Kind = ObjectiveKind.Sft, Ablation = Ablation.TokenOnly, ConfidenceWindow = 0, Epsilon = double.NaN, Gamma = 2 };
        var message = Assert.Throws<ArgumentException>(() => Objective.Create(options)).Message;
        foreach (var field in new[] { "Ablation", "ConfidenceWindow", "Epsilon", "Gamma" })
            Assert.Contains(field, message);
        Assert.Empty(new ObjectiveOptions().Validate());
    }
}
