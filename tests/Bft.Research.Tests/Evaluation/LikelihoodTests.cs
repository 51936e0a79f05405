using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Numerics;
using Bft.Research.Tests.Models;

namespace Bft.Research.Tests.Evaluation;

public class LikelihoodTests
{
    private static readonly (IReadOnlyList<long>, IReadOnlyList<long>)[] s_pairs = [([3L, 9], [27L, 31, 4]), ([40L], [1L]), ([8L, 1, 44, 5], [6L, 7])];

    [Fact]
    public void Scores_equal_log_softmax_of_each_row_alone()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyDecoder.Create();
        foreach (var rows in (int[])[1, 2, 8])
        {
            var scores = Likelihood.Score(model, s_pairs, rows);
            for (var i = 0; i < s_pairs.Length; i++)
            {
                long[] context = [.. s_pairs[i].Item1], continuation = [.. s_pairs[i].Item2];
                var logProbs = model.Logits(model.Hidden(TinyDecoder.Row([.. context, .. continuation]))).log_softmax(2);
                double At(int shift) => Enumerable.Range(0, continuation.Length).Sum(t => logProbs[0, context.Length + t + shift, continuation[t]].ToDouble());
                Assert.Equal(At(-1), scores[i].LogLikelihood, 1e-10);
                Assert.True(Math.Abs(At(0) - scores[i].LogLikelihood) > 1e-3); // wrong: no label shift
                Assert.Equal(Math.Exp(-At(-1) / continuation.Length), scores[i].Perplexity, 1e-6);
            }
        }
    }

    [Fact]
    public void A_greedy_continuation_is_recognised()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyDecoder.Create();
        var best = Bft.Research.Models.Generation.Generator.Generate(model, [[3, 9]], new() { MaxNewTokens = 4, EosTokenIds = [] })[0];
        var scores = Likelihood.Score(model, [([3, 9], best.Tokens), ([3, 9], [.. best.Tokens[..3], (best.Tokens[3] + 1) % 50])]);
        Assert.True(scores[0].IsGreedy);
        Assert.False(scores[1].IsGreedy);
        Assert.Equal(best.LogProbs.Sum(), scores[0].LogLikelihood, 1e-10);
    }

    [Fact]
    public void The_normalisation_decides_and_a_tie_goes_to_the_first()
    {
        var item = new ChoiceItem([1], [[1, 2], [3], [4]], [2, 8, 8], [4, 2, 2]);
        var scores = new ChoiceScores(item, [new([-1, -1], true), new([-3], false), new([-3], false)]);
        Assert.Equal([0, 0, 1, 0], Enum.GetValues<ChoiceNormalisation>().Select(scores.Choose));
        Assert.Equal([-2, -1, -1, -0.5], Enum.GetValues<ChoiceNormalisation>().Select(n => scores.Value(0, n)));
        Assert.NotEqual(2, scores.Choose(ChoiceNormalisation.PerByte)); // the wrong variant takes the last of equals
    }

    [Fact]
    public void Perplexity_weighs_tokens_not_batches()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyDecoder.Create();
        TokenBatch Batch(params long[] ids) => new() { Rows = 1, Length = ids.Length, InputIds = ids, Scored = NextToken.Align(ids, 1, ids.Length) };
        TokenBatch[] batches = [Batch(3, 9, 27, 31, 4, 8), Batch(40, 1)];
        var measured = Perplexity.Measure(model, batches);
        double[] sums = [.. batches.Select(batch => -Perplexity.LogProbs(model, batch).Sum())];
        Assert.Equal([5, 1], measured.SampleTokens);
        Assert.Equal(Math.Exp(sums.Sum() / 6), measured.Value, 1e-9);
        Assert.True(Math.Abs(Math.Exp((sums[0] / 5 + sums[1]) / 2) - measured.Value) > 1e-3); // wrong: mean of means
        Assert.Throws<ArgumentException>(() => Perplexity.Measure(model, [Batch(3)]));
    }

    [Fact]
    public void Packed_batches_score_as_their_samples()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyDecoder.Create();
        long[] ids = [3, 9, 27, 40, 1, 8];
        int[] samples = [0, 0, 0, 1, 1, 1];
        var packed = new TokenBatch { Rows = 1, Length = 6, InputIds = ids, SampleIds = samples, PositionIds = [0, 1, 2, 0, 1, 2], Scored = NextToken.Align(ids, 1, 6, samples) };
        var apart = Likelihood.Score(model, [([3L], [9L, 27]), ([40L], [1L, 8])]);
        Assert.All(apart.SelectMany(score => score.TokenLogProbs).Zip(Perplexity.LogProbs(model, packed)), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void The_live_tensor_count_stays_flat()
    {
        using var model = TinyDecoder.Create();
        Likelihood.Score(model, s_pairs);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Likelihood.Score(model, s_pairs);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Throws<ArgumentException>(() => Likelihood.Score(model, [([], [1])]));
    }
}
