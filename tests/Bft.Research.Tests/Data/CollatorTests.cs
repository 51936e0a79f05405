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
        var batch = new Collator(99).Collate([Example(10, 4, "a:1"), Example(20, 2, "a:2")]);
        Assert.Equal((2, 4), (batch.Rows, batch.Length));
        Assert.Equal([10, 11, 12, 13, 20, 21, 99, 99], batch.InputIds);
        Assert.Equal([true, true, true, true, true, true, false, false], batch.AttentionMask!);
        Assert.Null(batch.SampleIds);
        Assert.Equal([12, 13], batch.Scored.Targets);
        Assert.Equal([0, 2, 2], batch.Scored.Starts);
        Assert.Equal(["a:1", "a:2"], batch.SampleNames);
        Assert.DoesNotContain(99, batch.Scored.Targets); // the wrong variant: labels padded with the padding token
        Assert.Null(new Collator(99).Collate([Example(1, 3), Example(1, 3)]).AttentionMask);
    }

    [Fact]
    public void Packed_samples_keep_their_borders_and_positions()
    {
        var batch = new Collator(0).Collate([[Example(10, 3), Example(20, 4)], [Example(30, 5)]]);
        Assert.Equal([10, 11, 12, 20, 21, 22, 23, 30, 31, 32, 33, 34, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 0], batch.PositionIds!);
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, -1, -1], batch.SampleIds!);
        Assert.Equal([12, 22, 23, 32, 33, 34], batch.Scored.Targets);
        Assert.Equal([0, 1, 3, 6], batch.Scored.Starts);
        Assert.DoesNotContain(20, batch.Scored.Targets); // the wrong variant: a sample predicted by its neighbour
    }

    [Fact]
    public void Measured_batches_keep_the_order()
    {
        var batches = new Collator(0).Batches([Example(1, 3, "f:1"), Example(1, 5, "f:2"), Example(1, 2, "f:3")], 2).ToList();
        Assert.Equal([["f:1", "f:2"], ["f:3"]], batches.Select(batch => batch.SampleNames));
    }

    [Fact]
    public void A_row_without_examples_is_an_error()
    {
        Assert.Throws<ArgumentException>(() => new Collator(0).Collate((IReadOnlyList<IReadOnlyList<TokenizedExample>>)[[]]));
        Assert.Throws<ArgumentException>(() => new Collator(0).Collate((IReadOnlyList<TokenizedExample>)[]));
    }
}
