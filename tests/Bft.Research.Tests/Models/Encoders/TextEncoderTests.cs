using Bft.Research.Checkpoints;
using Bft.Research.Models.Encoders;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Models.Encoders;

public class TextEncoderTests
{
    private static readonly long[,] s_ids = { { 5, 9, 33, 71, 8 }, { 7, 4, 12, 0, 0 } };
    private static readonly long[,] s_mask = { { 1, 1, 1, 1, 1 }, { 1, 1, 1, 0, 0 } };

    [Fact]
    public void Every_reference_case_of_the_encoders_passes()
    {
        var folder = SharedFolder.Require("golden", "encoders");
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(folder, context).ToList();
        Assert.Empty(outcomes.Where(outcome => !outcome.Passed).Select(outcome => $"{outcome.Case.Id}: {string.Join("; ", outcome.Mismatches)}"));
        Assert.True(outcomes.Count >= 61);
    }

    [Theory]
    [InlineData("bert-pooler")]
    [InlineData("distilbert")]
    public void Padding_on_the_right_changes_nothing_when_it_is_masked(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Load(name);
        Tensor ids = torch.tensor(s_ids), mask = torch.tensor(s_mask);
        var alone = encoder.Hidden(ids.narrow(0, 1, 1).narrow(1, 0, 3));
        Tensor Second(Tensor hidden) => hidden.narrow(0, 1, 1).narrow(1, 0, 3);
        Assert.True(TinyDecoder.Distance(alone, Second(encoder.Hidden(ids, mask))) < 1e-12);
        Assert.True(TinyDecoder.Distance(alone, Second(encoder.Hidden(ids))) > 1e-3); // wrong: padding attended to
    }

    [Fact]
    public void Pooling_counts_real_tokens_only()
    {
        using var scope = torch.NewDisposeScope();
        Tensor hidden = torch.tensor(new double[,,] { { { 1, -4 }, { 3, -2 }, { 50, 50 } } }), mask = torch.tensor(new long[,] { { 1, 1, 0 } });
        double[] Pool(Pooling pooling, Tensor m, bool normalise = false) => pooling.Pool(hidden, m, normalise).data<double>().ToArray();
        Assert.Equal([2, -3], Pool(Pooling.Mean, mask));
        Assert.Equal([4 / Math.Sqrt(2), -6 / Math.Sqrt(2)], Pool(Pooling.MeanSqrtLength, mask), (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Equal([3, -2], Pool(Pooling.Max, mask));
        Assert.Equal([3, -2], Pool(Pooling.LastToken, mask));
        Assert.Equal([1, -4], Pool(Pooling.Cls, mask));
        Assert.Equal([2 / Math.Sqrt(13), -3 / Math.Sqrt(13)], Pool(Pooling.Mean, mask, true), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.NotEqual([2, -3], Pool(Pooling.Mean, torch.ones_like(mask))); // wrong: padding in the mean
        Assert.Throws<ArgumentException>(() => Pool(Pooling.Mean, torch.zeros_like(mask)));
        Assert.Throws<ArgumentException>(() => Pool(Pooling.Cls, torch.tensor(new long[,] { { 0, 1, 1 } })));
    }

    [Fact]
    public void The_distance_bias_and_the_direction_of_it_count()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Load("mpnet");
        var ids = torch.tensor(new long[,] { { 5, 9, 33, 71, 8 } });
        // Equal vectors at both ends of a palindrome would mean that left and right are not told apart.
        var palindrome = encoder.Hidden(torch.tensor(new long[,] { { 5, 9, 33, 9, 5 } }));
        Assert.True(TinyDecoder.Distance(palindrome.select(1, 0), palindrome.select(1, 4)) > 1e-3);
        Assert.Contains("segments", Assert.Throws<ArgumentException>(() => encoder.Hidden(ids, segmentIds: ids)).Message, StringComparison.Ordinal);
        Assert.Contains("at most", Assert.Throws<ArgumentException>(() => encoder.Hidden(torch.ones([1, 60], torch.ScalarType.Int64))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sentence_vectors_do_not_depend_on_order_or_batch()
    {
        using var encoder = SentenceEncoder.Load(SharedFolder.Require("golden", "encoders", "sentence-bert"), torch.ScalarType.Float64);
        string[] texts = ["TP53 is a tumour suppressor.", "", "IL-6 activates the JAK/STAT3 pathway via gp130 (IL6ST)."];
        var together = encoder.Encode(texts);
        for (var i = 0; i < texts.Length; i++)
            Assert.Equal(encoder.Encode([texts[i]], 1)[0], together[i], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.NotEqual(together[0], together[2]);
        Assert.All(together, vector => Assert.Equal(1, vector.Sum(v => v * v), 1e-12));
    }

    [Fact]
    public void A_checkpoint_of_another_family_is_refused()
    {
        var folder = SharedFolder.Require("golden", "models", "llama-plain");
        Assert.Equal("model_type", Assert.Throws<CheckpointException>(() => TextEncoder.Load(folder)).Field);
    }

    [Fact]
    public void The_live_tensor_count_stays_flat()
    {
        using var encoder = SentenceEncoder.Load(SharedFolder.Require("golden", "encoders", "sentence-bert"));
        encoder.Encode(["a gene", "another gene"]);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        encoder.Encode(["a gene", "another gene"]);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static TextEncoder Load(string name) => TextEncoder.Load(SharedFolder.Require("golden", "encoders", name), torch.ScalarType.Float64);
}
