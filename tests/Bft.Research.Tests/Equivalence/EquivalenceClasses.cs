using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Objectives;
using Bft.Research.Training;
using static Bft.Research.Tests.Equivalence.Step;

namespace Bft.Research.Tests.Equivalence;

/// <summary>The table of equivalence classes of a step. Runs (resumption) and merged weights have files of their own; notebook and command line are compared in Bft.Cli.Tests, SameRunTests.</summary>
internal static class EquivalenceClasses
{
    private const int TokenChunk = 5, VocabularyChunk = 7; // 41 or 42 supervised tokens and 40 entries: the last chunk of both is a part
    private static readonly LoraOptions s_lora = new() { Rank = 3, Alpha = 7 };
    private static readonly LoraOptions s_head = new() { Rank = 3, Alpha = 7, Targets = ["lm_head", "q_proj"] };
    private static readonly LoraOptions s_dora = new() { Rank = 3, Alpha = 7, Dora = true, Dropout = 0.3, Targets = ["lm_head"] };
    private static readonly LoraOptions s_dropping = new() { Rank = 3, Alpha = 7, Dropout = 0.3 };

    public static IReadOnlyList<EquivalenceClass> All { get; } =
    [
        new(
            "accumulation split",
            [
                Same("one a micro-batch", _ => Layouts.Padded(1)),
                Same("fours", _ => Layouts.Padded(4)),
                Same("threes, the last smaller", _ => Layouts.Padded(3)),
                Same("threes, LoRA", _ => Layouts.Padded(3), s_lora),
            ],
            [
                Wrong("each micro-batch divides by its own count", s => Trained(s, Layouts.Padded(3), totals: OwnCount)),
                Wrong("divided by the number of micro-batches once more", s => Trained(s, Layouts.Padded(4), totals: batch => Scaled(Trainer.Totals(Layouts.Padded(4)), 2))),
                Wrong("the last micro-batch is left out", s => Trained(s, [.. Layouts.Padded(3).SkipLast(1)], totals: _ => Trainer.Totals(Layouts.Padded(3)))),
                Wrong("the gradient of the step before is still there", s => Trained(s, Layouts.Padded(4), repeats: 2)),
            ]),
        new(
            "chunk size",
            [
                Same("chunks of 5 tokens and 7 entries", _ => Layouts.Padded(8), change: o => o with { Head = Chunks(0) }),
                Same("the same, some tiles kept", _ => Layouts.Padded(8), change: o => o with { Head = Chunks(100) }),
                Same("the same, frozen head", _ => Layouts.Padded(8), s_lora, o => o with { Head = Chunks(0) }),
                Same("chunks of 1", _ => Layouts.Padded(8), change: o => o with { Head = new() { TokenChunk = 1, VocabularyChunk = 1, KeptLogits = 0 } }),
            ],
            [
                Wrong("the last chunk of tokens, a part, is left out", s => Trained(s, [Layouts.Cut(Layouts.Together(), Layouts.Together().Scored.Count / TokenChunk * TokenChunk)], totals: _ => Trainer.Totals([Layouts.Together()]))),
                Wrong("the last chunk of the vocabulary, a part, is left out", s => Graph(s, [Layouts.Together()], logits: WithoutLastEntries)),
            ]),
        new(
            "recompute",
            [
                Same("blocks computed again", _ => Layouts.Padded(4), change: o => o with { GradientCheckpointing = true }),
                Same("blocks computed again, LoRA", _ => Layouts.Padded(4), s_lora, o => o with { GradientCheckpointing = true }),
                Dropping("dropout", s_dropping, checkpointing: false),
                Dropping("dropout, blocks computed again", s_dropping, checkpointing: true),
            ],
            [
                new("another dropout when blocks are computed again", s => (Graph(s, [Layouts.Together()], s_dropping), Passed(s, Layouts.Together(), s_dropping, checkpointing: true, 1))),
                new("no dropout when blocks are computed again", s => (Graph(s, [Layouts.Together()], s_dropping), Graph(s, [Layouts.Together()], s_lora))),
            ]),
        new(
            "packing",
            [
                Same("best fit in rows of 24", _ => Layouts.Planned(new() { Packing = RowPacking.BestFit, Cutoff = 24 }, 2)),
                Same("best fit by a token budget", _ => Layouts.Planned(new() { Packing = RowPacking.BestFit, Cutoff = 24, TokensPerMicroBatch = 48 }, 1)),
                Same("one row without padding", _ => [Layouts.InOneRow()]),
                Same("rows without padding, by a token budget, by length", _ => Layouts.Planned(new() { Packing = RowPacking.PaddingFree, TokensPerMicroBatch = 20, Order = RowOrder.GroupedByLength }, 1)),
                Same("one row without padding, LoRA, blocks computed again", _ => [Layouts.InOneRow()], s_lora, o => o with { GradientCheckpointing = true }),
            ],
            [
                Packed("samples see each other", batch => batch with { SampleIds = null }),
                Packed("windows and sequence weights cross sample borders", batch => batch with { Scored = batch.Scored with { Starts = [0, batch.Scored.Count] } }, s => s.Balanced),
                Packed("the first token of a sample is predicted by its neighbour", batch => batch with { Scored = NeighbourPredicts(batch) }),
                Packed("positions start again one token late", batch => batch with { PositionIds = [0, .. batch.PositionIds![..^1]] }),
            ]),
        new(
            "padding",
            [
                Same("padded to the longest", _ => [Layouts.Together()]),
                Same("padded to 40", _ => [Layouts.Wider(Layouts.Together(), 40)]),
                Same("padded, by a token budget, by length", _ => Layouts.Planned(new() { TokensPerMicroBatch = 30, Order = RowOrder.GroupedByLength }, 1)),
                Same("padded to 40, LoRA", _ => [Layouts.Wider(Layouts.Together(), 40)], s_lora),
            ],
            [
                Wrong("padding is taught", s => Trained(s, [PaddingTaught(Layouts.Together())])),
                Wrong("padding counts in the denominator", s => Trained(s, [Layouts.Together()], totals: batch => new(batch.InputIds.Length, batch.Scored.Samples)), s => !s.Balanced),
            ]),
        new(
            "row order",
            [
                Same("backwards", _ => [Layouts.Together(Enumerable.Range(0, 8).Reverse())]),
                Same("backwards in threes", _ => Layouts.Padded(3, reversed: true)),
                Same("odd rows first", _ => [Layouts.Together([1, 3, 5, 7, 0, 2, 4, 6])]),
                Same("backwards, LoRA", _ => [Layouts.Together(Enumerable.Range(0, 8).Reverse())], s_lora),
            ],
            [
                Wrong("labels keep the old order", s => Trained(s, [Layouts.Together() with { InputIds = Layouts.Together(Enumerable.Range(0, 8).Reverse()).InputIds }])),
                Wrong("sample borders keep the old order", s => Trained(s, [BordersOf(Layouts.Together(Enumerable.Range(0, 8).Reverse()), Layouts.Together())]), s => s.Balanced),
            ]),
        new(
            "two-pass head",
            [
                Same("two passes, tiles kept", _ => [Layouts.Together()]),
                Same("two passes, tiles computed again", _ => [Layouts.Together()], change: o => o with { Head = new() { KeptLogits = 0 } }),
                Same("one pass, frozen head", _ => [Layouts.Together()], s_lora),
                Same("two passes, LoRA on the head", _ => [Layouts.Together()], s_head),
                Dropping("two passes, DoRA on the head, dropout", s_dora, checkpointing: false),
            ],
            [
                Wrong("labels are shifted twice", s => Trained(s, [ShiftedTwice(Layouts.Together())])),
                Wrong("weights are taken chunk by chunk", s => Trained(s, [InChunks(Layouts.Together())]), s => s.Balanced),
                Wrong("the weight carries gradient", s => Graph(s, [Layouts.Together()], loss: AttachedWeights), s => s.Objective.Kind == ObjectiveKind.Dft),
            ]),
        MergedClass.Instance,
        ResumedClass.Instance,
    ];

    private static Way Same(string name, Func<Setting, IReadOnlyList<TokenBatch>> layout, LoraOptions? lora = null, Func<TrainerOptions, TrainerOptions>? change = null) =>
        new(name, s => (Plain(s, lora), Trained(s, layout(s), options => (change?.Invoke(options) ?? options) with { Lora = lora })));

    private static Way Dropping(string name, LoraOptions lora, bool checkpointing) =>
        new(name, s => (Graph(s, [Layouts.Together()], lora), Trained(s, [Layouts.Together()], o => o with { Lora = lora, GradientCheckpointing = checkpointing })));

    private static WrongWay Wrong(string name, Func<Setting, StepNumbers> compute, Func<Setting, bool>? affects = null) => new(name, s => (Plain(s), compute(s)), affects);

    private static WrongWay Packed(string name, Func<TokenBatch, TokenBatch> wrong, Func<Setting, bool>? affects = null) => Wrong(name, s => Trained(s, [wrong(Layouts.InOneRow())]), affects);

    private static LmHeadOptions Chunks(long kept) => new() { TokenChunk = TokenChunk, VocabularyChunk = VocabularyChunk, KeptLogits = kept };

    /// <summary>The mean over micro-batches of their own means.</summary>
    private static BatchTotals OwnCount(TokenBatch batch) => Scaled(Trainer.Totals([batch]), 3);

    private static BatchTotals Scaled(BatchTotals totals, int factor) => new(totals.Tokens * factor, totals.Samples * factor, totals.MicroBatches * factor);

    /// <summary>Entries behind the last whole chunk are missing in the softmax; a target among them is still looked up.</summary>
    private static Tensor WithoutLastEntries(Tensor logits, TokenBatch batch)
    {
        var count = logits.shape[2];
        var dropped = torch.arange(count).ge(count / VocabularyChunk * VocabularyChunk).expand(batch.Rows * batch.Length, count).clone();
        for (var i = 0; i < batch.Scored.Count; i++)
            dropped[batch.Scored.Positions[i], batch.Scored.Targets[i]] = torch.tensor(false);
        return logits.masked_fill(dropped.view(batch.Rows, batch.Length, count), -1e4);
    }

    private static ScoredPositions NeighbourPredicts(TokenBatch batch)
    {
        long[] labels = [.. Enumerable.Repeat(NextToken.Ignored, batch.InputIds.Length)];
        for (var i = 0; i < batch.Scored.Count; i++)
            labels[batch.Scored.Positions[i] + 1] = batch.Scored.Targets[i];
        for (var t = 1; t < labels.Length; t++)
            if (batch.PositionIds![t] == 0)
                labels[t] = batch.InputIds[t];
        int[] starts = [.. batch.Scored.Starts.Select((start, sample) => start + Math.Max(0, sample - 1)).SkipLast(1)];
        var aligned = NextToken.Align(labels, 1, batch.Length, turns: new int[labels.Length]);
        return aligned with { Starts = [.. starts, aligned.Count] };
    }

    private static TokenBatch PaddingTaught(TokenBatch batch)
    {
        long[] labels = [.. batch.InputIds.Select((id, at) => batch.AttentionMask![at] && at % batch.Length < 2 ? NextToken.Ignored : id)];
        return batch with { Scored = NextToken.Align(labels, batch.Rows, batch.Length, turns: new int[labels.Length]) };
    }

    private static TokenBatch BordersOf(TokenBatch batch, TokenBatch other) => batch with { Scored = batch.Scored with { Starts = other.Scored.Starts } };

    private static TokenBatch ShiftedTwice(TokenBatch batch) => batch with { Scored = batch.Scored with { Positions = [.. batch.Scored.Positions.Select(at => at - 1)] } };

    private static TokenBatch InChunks(TokenBatch batch) => batch with
    {
        Scored = batch.Scored with { Starts = [.. batch.Scored.Starts.Concat(Enumerable.Range(1, batch.Scored.Count / TokenChunk).Select(i => i * TokenChunk)).Distinct().Order()] },
    };

    /// <summary>−c · log c with a gradient through c, too.</summary>
    private static Tensor AttachedWeights(Tensor logits, TokenBatch batch, BatchTotals totals)
    {
        var rows = logits.log_softmax(2).reshape(-1, logits.shape[2]).index_select(0, torch.tensor(batch.Scored.Positions));
        var logProbs = rows.gather(1, torch.tensor(batch.Scored.Targets).unsqueeze(1)).squeeze(1);
        return -(logProbs.exp() * logProbs).sum() / totals.Tokens;
    }
}
