using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

/// <summary>Operations of a step against counts by hand, and against figures of known models.</summary>
public class TrainingFlopsTests
{
    private static readonly CausalLmConfig s_llama8B = new()
    {
        Family = DecoderFamily.Llama,
        VocabularySize = 128_256,
        HiddenSize = 4096,
        IntermediateSize = 14_336,
        Layers = 32,
        Heads = 32,
        KeyValueHeads = 8,
        HeadDim = 128,
    };

    // A block by hand: query 16·16, key and value 8·16 each, output 16·16, gate, up and down 24·16 each.
    private const double BlockWeights = 256 + 128 + 128 + 256 + 3 * 384;

    [Fact]
    public void A_step_of_all_weights_is_the_count_by_hand()
    {
        // Rows of 5 and 3 tokens, padded to 5; the first two of each are not supervised: 3 + 1 supervised.
        var flops = new TrainingFlops(TinyModel.Config, null).Of(Batch([5, 3]));
        Assert.Equal(6 * 2 * BlockWeights * 8, flops.Blocks);
        Assert.Equal(0, flops.Adapter);
        Assert.Equal(2 * 12 * 16 * (15 + 6), flops.Attention); // 2 layers; pairs 1+2+3+4+5 and 1+2+3
        Assert.Equal(6 * 40 * 16 * 4, flops.Head);
        Assert.Equal(flops.Blocks + flops.Attention + flops.Head, flops.Model);
        Assert.Equal(flops.Model, flops.Hardware);
        // Wrong variants: without the head, with padding, every pair of a square.
        Assert.NotEqual(flops.Blocks + flops.Attention, flops.Model);
        Assert.NotEqual(6 * 2 * BlockWeights * 10, flops.Blocks);
        Assert.NotEqual(2 * 12 * 16 * (25 + 9), flops.Attention);
    }

    [Fact]
    public void Frozen_weights_need_no_gradient_of_their_own()
    {
        var batch = Batch([5, 3]);
        var lora = new TrainingFlops(TinyModel.Config, 100).Of(batch);
        Assert.Equal(4 * 2 * BlockWeights * 8, lora.Blocks);
        Assert.Equal(6 * 100 * 8, lora.Adapter);
        Assert.Equal(4 * 40 * 16 * 4, lora.Head);
        Assert.Equal(new TrainingFlops(TinyModel.Config, null).Of(batch).Attention, lora.Attention);
    }

    [Fact]
    public void What_is_computed_again_is_no_part_of_the_model_count()
    {
        var batch = Batch([5, 3]);
        var plain = new TrainingFlops(TinyModel.Config, 100).Of(batch);
        var again = new TrainingFlops(TinyModel.Config, 100, recompute: true).Of(batch);
        Assert.Equal(plain.Model, again.Model);
        Assert.Equal(2 * (2 * BlockWeights + 100) * 8 + plain.Attention / 3, again.Recompute);
        Assert.Equal(again.Model + again.Recompute, again.Hardware);

        var keepsNothing = new TrainingFlops(TinyModel.Config, null, new() { KeptLogits = 0 }).Of(batch);
        Assert.Equal(2 * 40 * 16 * 4, keepsNothing.HeadAgain);
        Assert.Equal(2 * 16 * 60, new TrainingFlops(TinyModel.Config, null, new() { KeptLogits = 100 }).Of(batch).HeadAgain);
        Assert.Equal(0, new TrainingFlops(TinyModel.Config, 100, new() { KeptLogits = 0 }).Of(batch).HeadAgain); // a frozen head takes one pass
    }

    [Fact]
    public void What_a_trainer_trains_decides_the_count()
    {
        using var model = TinyModel.Create();
        var batch = Batch([5, 3]);
        TrainingFlops Of(LoraOptions? lora, bool recompute = false)
        {
            using var trainer = new Trainer(model, new() { Lora = lora, GradientCheckpointing = recompute });
            using var adapter = trainer.Adapter;
            return TrainingFlops.Of(model.Config, adapter, new() { GradientCheckpointing = recompute });
        }

        Assert.Equal(new TrainingFlops(model.Config, null).Of(batch), Of(null).Of(batch));
        var queries = 2 * 2 * (16 + 16); // rank 2 on the query layers of two blocks, 16 in and 16 out
        Assert.Equal(new TrainingFlops(model.Config, queries).Of(batch), Of(new() { Rank = 2, Targets = ["q_proj"] }).Of(batch));
        Assert.NotEqual(new TrainingFlops(model.Config, null).Of(batch), Of(new() { Rank = 2, Targets = ["q_proj"] }).Of(batch));
        Assert.True(Of(new() { Rank = 2 }, recompute: true).Of(batch).Recompute > 0);
        var head = Of(new() { Rank = 2, Targets = ["q_proj", "lm_head"] }).Of(batch);
        Assert.Equal((4 * 40 * 16 + 6 * 2 * (16 + 40)) * 4, head.Head);
        Assert.Equal(6 * queries * 8, head.Adapter);
        Assert.Equal(6 * 40 * 16 * 4, Of(new() { Rank = 2, Targets = ["q_proj"], ModulesToSave = ["lm_head"] }).Of(batch).Head);
    }

    [Fact]
    public void Packed_samples_do_not_see_each_other_and_windows_cut_pairs()
    {
        var packed = Batch([5, 3]) with { Rows = 1, Length = 10, SampleIds = [0, 0, 0, 0, 0, 1, 1, 1, -1, -1], AttentionMask = [true, true, true, true, true, true, true, true, false, false] };
        Assert.Equal(new TrainingFlops(TinyModel.Config, null).Of(Batch([5, 3])).Attention, new TrainingFlops(TinyModel.Config, null).Of(packed).Attention);
        Assert.NotEqual(2 * 12 * 16 * 36, new TrainingFlops(TinyModel.Config, null).Of(packed).Attention); // one sample of 8

        var windowed = TinyModel.Config with { Family = DecoderFamily.Qwen2, LayerWindows = [2, null] };
        Assert.Equal(12 * 16 * (1 + 2 + 2 + 2 + 2 + 1 + 2 + 2 + 15 + 6), new TrainingFlops(windowed, null).Of(Batch([5, 3])).Attention);
    }

    [Fact]
    public void Known_models_have_their_known_sizes()
    {
        var full = new TrainingFlops(s_llama8B, null, new() { KeptLogits = 0 }).PerToken(1);
        Assert.Equal(6 * 6.98e9, full.Blocks, 6 * 0.01e9); // 8.03e9 parameters without embedding and head, 0.525e9 each
        Assert.Equal(1.05e9, full.HeadAgain, 0.01e9);
        Assert.Equal(4 * 6.98e9, new TrainingFlops(s_llama8B, 0).PerToken(1).Blocks, 4 * 0.01e9);
        // A third of the attention of 4,096 tokens: 4 · 32 layers · 4,096 wide · half the square.
        Assert.Equal(3 * 4.0 * 32 * 4096 * (4096 + 1) / 2, new TrainingFlops(s_llama8B, 0).PerToken(4096).Attention);
        Assert.Equal(0.25 * full.Head, new TrainingFlops(s_llama8B, null).PerToken(1, 0.25).Head);
    }

    private static TokenBatch Batch(int[] lengths)
    {
        var longest = lengths.Max();
        long[] ids = new long[lengths.Length * longest], labels = [.. Enumerable.Repeat(NextToken.Ignored, ids.Length)];
        var mask = new bool[ids.Length];
        for (var row = 0; row < lengths.Length; row++)
            for (var t = 0; t < lengths[row]; t++)
                (mask[row * longest + t], labels[row * longest + t]) = (true, t >= 2 ? 1 : NextToken.Ignored);
        return new() { Rows = lengths.Length, Length = longest, InputIds = ids, AttentionMask = mask, Scored = NextToken.Align(labels, lengths.Length, longest) };
    }
}
