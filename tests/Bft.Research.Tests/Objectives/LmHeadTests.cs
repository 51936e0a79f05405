using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Tests.Objectives;

public class LmHeadTests
{
    private const int Rows = 3, Length = 9, Width = 5, Vocabulary = 23;
    private static readonly LmHeadOptions s_small = new() { TokenChunk = 4, VocabularyChunk = 6 };

    private static (Tensor Hidden, Tensor Weight, Tensor Bias, ScoredPositions Scored) Problem(
        torch.ScalarType dtype = torch.ScalarType.Float64, double scale = 1)
    {
        torch.random.manual_seed(11);
        var hidden = (torch.randn(Rows, Length, Width, dtype: torch.ScalarType.Float64) * scale).to(dtype);
        var weight = torch.randn(Vocabulary, Width, dtype: torch.ScalarType.Float64).to(dtype);
        var bias = torch.randn(Vocabulary, dtype: torch.ScalarType.Float64).to(dtype);
        long[] labels = [.. Enumerable.Range(0, Rows * Length).Select(i => i % 5 == 2 || i / Length == 1 ? NextToken.Ignored : (i * 7L) % Vocabulary)];
        return (hidden, weight, bias, NextToken.Align(labels, Rows, Length));
    }

    private static double Deviation(Tensor a, Tensor b) =>
        (a.to(torch.ScalarType.Float64) - b.to(torch.ScalarType.Float64)).abs().max().item<double>();

    [Theory]
    [InlineData(ObjectiveKind.Sft)]
    [InlineData(ObjectiveKind.Dft)]
    [InlineData(ObjectiveKind.BftV1Code)]
    [InlineData(ObjectiveKind.BftV3)]
    public void Tiles_and_full_logits_agree(ObjectiveKind kind)
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, bias, scored) = Problem();
        foreach (var leaf in new[] { hidden, weight, bias })
            leaf.requires_grad_(true);
        var objective = Objective.Create(new() { Kind = kind, ConfidenceWindow = 4 });
        BatchTotals totals = new(scored.Count, scored.Samples);
        var logits = torch.nn.functional.linear(hidden, weight, bias);
        var (loss, _) = FullLogits.Loss(logits, scored, objective, totals);
        loss.backward();
        Tensor weightGrad = weight.grad!.clone(), biasGrad = bias.grad!.clone();
        weight.grad!.zero_();
        bias.grad!.zero_();

        var trained = LmHead.Backward(hidden, weight, bias, scored, objective, totals, s_small);
        var frozen = LmHead.Backward(hidden, weight.detach(), bias.detach(), scored, objective, totals, s_small);
        Assert.Equal(loss.item<double>(), trained.Weighting.Loss, 1e-12);
        Assert.True(Deviation(hidden.grad!, trained.GradHidden) < 1e-14);
        Assert.True(Deviation(hidden.grad!, frozen.GradHidden) < 1e-14);
        Assert.True(Deviation(weightGrad, weight.grad!) < 1e-14);
        Assert.True(Deviation(biasGrad, bias.grad!) < 1e-14);

        var shifted = NextToken.Align([.. Enumerable.Repeat(1L, Rows * Length)], Rows, Length); // the wrong variant: other targets
        Assert.True(Deviation(hidden.grad!, LmHead.Backward(hidden, weight.detach(), null, shifted, objective, totals, s_small).GradHidden) > 1e-4);
    }

    [Fact]
    public void Gradients_add_to_what_is_there()
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, _, scored) = Problem();
        weight.requires_grad_(true);
        var objective = Objective.Create(new());
        LmHead.Backward(hidden, weight, null, scored, objective, new(scored.Count, scored.Samples), s_small);
        var once = weight.grad!.clone();
        LmHead.Backward(hidden, weight, null, scored, objective, new(scored.Count, scored.Samples), s_small);
        Assert.True(Deviation(once * 2, weight.grad!) < 1e-15);
        Assert.True(Deviation(once, weight.grad!) > 1e-3);
    }

    [Fact]
    public void Log_probabilities_keep_their_digits_near_1_in_float32()
    {
        using var scope = torch.NewDisposeScope();
        var weight = torch.tensor(new[] { 18f, 0f, 1f }).reshape(3, 1);
        var scored = NextToken.Align([NextToken.Ignored, 0], 1, 2);
        var actual = LmHead.LogProbs(torch.ones(1, 2, 1), weight, null, scored, new() { VocabularyChunk = 2 })[0];
        var expected = -Math.Log(1 + Math.Exp(-18) + Math.Exp(-17));
        Assert.Equal(1, actual / expected, 1e-6);
        var plain = weight[0, 0] - weight.reshape(-1).logsumexp(0); // the wrong variant: gather minus logsumexp
        Assert.NotEqual(1, plain.item<float>() / expected, 1e-2);
    }

    [Fact]
    public void Extreme_logits_stay_finite_in_float32_whatever_the_order_of_blocks()
    {
        using var scope = torch.NewDisposeScope();
        var weight = torch.tensor(new[] { -300f, -100f, 0f, 100f, 300f, 299f }).reshape(6, 1);
        foreach (var head in new[] { weight, weight.flip(0) })
        {
            var scored = NextToken.Align([NextToken.Ignored, 0, 1, 5], 1, 4);
            var result = LmHead.Backward(torch.ones(1, 4, 1), head, null, scored, Objective.Create(new() { Kind = ObjectiveKind.Sft }), new(3, 1),
                new() { VocabularyChunk = 1, TokenChunk = 2 });
            var expected = scored.Targets.Select(y => head[y, 0].item<float>() - 300 - Math.Log(1 + Math.Exp(-1)));
            Assert.All(expected.Zip(result.LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            Assert.True(result.GradHidden.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Nothing_supervised_gives_a_loss_and_a_gradient_of_0()
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, _, _) = Problem();
        weight.requires_grad_(true);
        var scored = NextToken.Align([.. Enumerable.Repeat(NextToken.Ignored, Rows * Length)], Rows, Length);
        var result = LmHead.Backward(hidden, weight, null, scored, Objective.Create(new()), new(0, Rows));
        Assert.Equal(0, result.Weighting.Loss);
        Assert.Equal(0, result.GradHidden.abs().max().item<double>());
        Assert.Equal(0, weight.grad!.abs().max().item<double>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bfloat16_is_no_worse_than_the_full_logits_of_the_same_inputs(bool trains)
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, _, scored) = Problem(torch.ScalarType.BFloat16, 0.7);
        var objective = Objective.Create(new() { ConfidenceWindow = 4 });
        BatchTotals totals = new(scored.Count, scored.Samples);
        Tensor Full(torch.ScalarType dtype)
        {
            var leaf = hidden.to(dtype).detach().requires_grad_(true);
            FullLogits.Loss(torch.nn.functional.linear(leaf, weight.detach().to(dtype)), scored, objective, totals).Loss.backward();
            return leaf.grad!;
        }

        var exact = Full(torch.ScalarType.Float64);
        var plain = Deviation(exact, Full(torch.ScalarType.BFloat16));
        var ours = Deviation(exact, LmHead.Backward(hidden, weight.requires_grad_(trains), null, scored, objective, totals, s_small).GradHidden);
        Assert.True(ours <= 1.5 * plain, $"{ours} against {plain}");
    }

    [Fact]
    public void Repeated_calls_leave_no_tensor_behind()
    {
        using var outer = torch.NewDisposeScope();
        var (hidden, weight, bias, scored) = Problem();
        var objective = Objective.Create(new());
        void Step(bool trains)
        {
            using var scope = torch.NewDisposeScope();
            weight.requires_grad_(trains);
            LmHead.Backward(hidden, weight, bias, scored, objective, new(scored.Count, scored.Samples), s_small);
            LmHead.LogProbs(hidden, weight, bias, scored, s_small);
            LmHeadStatistics.Measure(hidden, weight, bias, scored, s_small);
        }

        Step(true);
        Step(false);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
        {
            Step(true);
            Step(false);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        var leaked = torch.ones(1).DetachFromDisposeScope(); // the wrong variant: a tensor that no scope owns is counted
        Assert.NotEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        leaked.Dispose();
    }

    [Fact]
    public void Statistics_agree_with_the_whole_distribution()
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, bias, scored) = Problem();
        var measured = LmHeadStatistics.Measure(hidden, weight, bias, scored, s_small);
        var logits = torch.nn.functional.linear(hidden, weight, bias).reshape(-1, Vocabulary);
        for (var i = 0; i < scored.Count; i++)
        {
            double[] z = [.. logits[scored.Positions[i]].data<double>()];
            var total = Math.Log(z.Sum(v => Math.Exp(v)));
            Assert.Equal(z[scored.Targets[i]] - total, measured.LogProbs[i], 1e-12);
            Assert.Equal(-z.Sum(v => Math.Exp(v - total) * (v - total)), measured.Entropies[i], 1e-12);
            Assert.Equal(z.Count(v => v > z[scored.Targets[i]]), measured.Ranks[i]);
            Assert.Equal(Array.IndexOf(z, z.Max()), measured.Best[i]);
        }

        Assert.Equal(measured.LogProbs, LmHead.LogProbs(hidden, weight, bias, scored, s_small).Select(v => v), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Misfits_name_the_argument_and_both_shapes()
    {
        using var scope = torch.NewDisposeScope();
        var (hidden, weight, bias, scored) = Problem();
        string Message(Action act) => Assert.Throws<ArgumentException>(act).Message;
        Assert.Contains("hidden: expected [3, 9, D], actual [3, 9]", Message(() => LmHead.LogProbs(hidden[.., .., 0], weight, null, scored)));
        Assert.Contains("weight: expected [V, 5], actual [5, 23]", Message(() => LmHead.LogProbs(hidden, weight.t(), null, scored)));
        Assert.Contains("bias: expected [23], actual [22]", Message(() => LmHead.LogProbs(hidden, weight, bias[..22], scored)));
        Assert.Contains("targets in [0, 4)", Message(() => LmHead.LogProbs(hidden, weight[..4], null, scored)));
        Assert.Contains("TokenChunk", Message(() => LmHead.LogProbs(hidden, weight, null, scored, new() { TokenChunk = 0 })));
    }
}
