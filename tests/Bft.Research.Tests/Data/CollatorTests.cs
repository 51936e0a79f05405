using Bft.Research.Data;
using Bft.Research.Numerics;

namespace Bft.Research.Tests.Data;

public class CollatorTests
{
    private static TokenizedExample Example(int first, int length, string name = "x:1") => new()
    {
        Ids = [.. Enumerable.Range(first, length)],
        Labels = [.. Enumerable.Range(first, length).Select((id, i) => i == 1 ? NextToken.Ignored : id)],
        Name = name,
    };

    [Fact]
    public void Rows_are_padded_on_the_right_and_padding_is_never_scored()
    {
        var batch = new Collator(new() { PadId = 99 }).Collate([Example(10, 4, "a:1"), Example(20, 2, "a:2")]);
        Assert.Equal((2, 4), (batch.Rows, batch.Length));
        Assert.Equal([10, 11, 12, 13, 20, 21, 99, 99], batch.InputIds);
        Assert.Equal([true, true, true, true, true, true, false, false], batch.AttentionMask!);
        Assert.Null(batch.SampleIds);
        Assert.Equal([12, 13], batch.Scored.Targets);
        Assert.Equal([0, 2, 2], batch.Scored.Starts);
        Assert.Equal(["a:1", "a:2"], batch.SampleNames);
        Assert.DoesNotContain(99, batch.Scored.Targets); // the wrong variant: labels padded with the padding token
        Assert.Null(new Collator(new() { PadId = 99 }).Collate([Example(1, 3), Example(1, 3)]).AttentionMask);
    }

    [Fact]
    public void Packed_samples_keep_their_borders_and_positions()
    {
        var collator = new Collator(new() { PadId = 0, PackLength = 7, Rows = 2, Shuffle = false });
        var batch = Assert.Single(collator.Batches([Example(10, 3), Example(20, 4), Example(30, 5)]));
        Assert.Equal([10, 11, 12, 20, 21, 22, 23, 30, 31, 32, 33, 34, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 0], batch.PositionIds!);
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, -1, -1], batch.SampleIds!);
        Assert.Equal([12, 22, 23, 32, 33, 34], batch.Scored.Targets);
        Assert.Equal([0, 1, 3, 6], batch.Scored.Starts);
        Assert.DoesNotContain(20, batch.Scored.Targets); // the wrong variant: a sample predicted by its neighbour
    }

    [Fact]
    public void Packing_and_padding_score_the_same_tokens()
    {
        List<TokenizedExample> examples = [.. Enumerable.Range(0, 40).Select(i => Example(i * 10, 2 + i % 5, $"f:{i}"))];
        var plain = new Collator(new() { PadId = 0, Rows = 3, Seed = 5 }).Batches(examples).ToList();
        var packed = new Collator(new() { PadId = 0, Rows = 3, Seed = 5, PackLength = 16 }).Batches(examples).ToList();
        Assert.Equal(plain.SelectMany(batch => batch.Scored.Targets), packed.SelectMany(batch => batch.Scored.Targets));
        Assert.Equal(plain.SelectMany(batch => batch.SampleNames), packed.SelectMany(batch => batch.SampleNames));
        Assert.True(packed.Count < plain.Count);
    }

    [Fact]
    public void The_order_depends_on_seed_and_round_alone()
    {
        List<TokenizedExample> examples = [.. Enumerable.Range(0, 50).Select(i => Example(i, 3, $"f:{i}"))];
        List<string> Names(long seed, int round, bool group = false) =>
            [.. new Collator(new() { PadId = 0, Seed = seed, GroupByLength = group }).Batches(examples, round).SelectMany(batch => batch.SampleNames)];
        Assert.Equal(Names(1, 0), Names(1, 0));
        Assert.NotEqual(Names(1, 0), Names(2, 0));
        Assert.NotEqual(Names(1, 0), Names(1, 1));
        Assert.Equal(Names(1, 0).Order(), Names(1, 1, group: true).Order());
        Assert.Equal([4, 7, 2, 9, 0, 6, 8, 5, 3, 1], StableShuffle.Order(10, 42)); // fixed for good: a run must repeat on another runtime
    }

    [Fact]
    public void Grouping_by_length_leaves_less_padding()
    {
        List<TokenizedExample> examples = [.. Enumerable.Range(0, 60).Select(i => Example(0, 2 + i * 7 % 30))];
        int Padding(bool group) => new Collator(new() { PadId = 0, Seed = 3, Rows = 4, GroupByLength = group }).Batches(examples).Sum(batch => batch.AttentionMask?.Count(real => !real) ?? 0);
        Assert.True(Padding(true) < Padding(false) / 2);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Contains("Rows", Assert.Throws<ArgumentException>(() => new Collator(new() { PadId = -1, Rows = 0 })).Message);
        Assert.Contains("f:9", Assert.Throws<ArgumentException>(() => new Collator(new() { PadId = 0, PackLength = 4 }).Batches([Example(1, 5, "f:9")])).Message);
        Assert.Throws<ArgumentException>(() => new Collator(new() { PadId = 0 }).Batches([]));
    }
}
