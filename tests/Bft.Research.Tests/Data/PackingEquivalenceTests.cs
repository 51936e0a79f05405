using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Objectives;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Data;

/// <summary>One step over the same samples gives the same loss and gradient however they are laid out: alone, padded, packed, without padding, in any order.</summary>
public class PackingEquivalenceTests
{
    private const ObjectiveKind Windowed = ObjectiveKind.BftV3;

    private static readonly TokenizedExample[] Samples = [.. Rows.Select((ids, row) => new TokenizedExample
    {
        Ids = [.. ids.Select(id => (int)id)],
        Labels = [.. ids.Select((id, t) => t < 2 + row % 2 ? NextToken.Ignored : id)],
        Turns = [.. ids.Select((_, t) => t < 2 + row % 2 ? -1 : t < 5 ? 0 : 1)],
        Name = $"rows.jsonl:{row + 1}",
    })];

    /// <summary>Ways to lay the samples out, as micro-batches of one step.</summary>
    private static readonly Dictionary<string, Func<IReadOnlyList<TokenBatch>>> Ways = new()
    {
        ["one a micro-batch"] = () => [.. Samples.Select(sample => Collate([[sample]]))],
        ["padded together"] = () => [Collate([.. Samples.Select(sample => (TokenizedExample[])[sample])])],
        ["padded to 40"] = () => [Wider(Collate([.. Samples.Select(sample => (TokenizedExample[])[sample])]), 40)],
        ["other order, in threes"] = () => [.. Samples.Reverse().Chunk(3).Select(part => Collate([.. part.Select(sample => (TokenizedExample[])[sample])]))],
        ["best fit in rows of 24"] = () => Planned(new() { Packing = RowPacking.BestFit, Cutoff = 24 }, 2),
        ["best fit by a token budget"] = () => Planned(new() { Packing = RowPacking.BestFit, Cutoff = 24, TokensPerMicroBatch = 48 }, 1),
        ["one row without padding"] = () => Planned(new() { Packing = RowPacking.PaddingFree }, 8),
        ["rows without padding, by a token budget"] = () => Planned(new() { Packing = RowPacking.PaddingFree, TokensPerMicroBatch = 20, Order = RowOrder.GroupedByLength }, 1),
        ["padded, by a token budget, by length"] = () => Planned(new() { TokensPerMicroBatch = 30, Order = RowOrder.GroupedByLength }, 1),
    };

    public static TheoryData<ObjectiveKind, WindowScope> Objectives => new()
    {
        { ObjectiveKind.Sft, WindowScope.Sequence },
        { ObjectiveKind.Dft, WindowScope.Sequence },
        { ObjectiveKind.BftV1Code, WindowScope.Sequence },
        { ObjectiveKind.BftV1Paper, WindowScope.Turn },
        { ObjectiveKind.BftV3, WindowScope.Sequence },
        { ObjectiveKind.BftV3, WindowScope.Turn },
    };

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Loss_and_gradient_do_not_depend_on_the_layout(ObjectiveKind kind, WindowScope scope)
    {
        var objective = new ObjectiveOptions { Kind = kind, ConfidenceWindow = 3, WindowScope = scope };
        var reference = Step(Ways["one a micro-batch"](), objective);
        foreach (var (name, way) in Ways.Skip(1))
        {
            var deviation = Deviation.Of(reference, Step(way(), objective));
            Assert.True(deviation is { Largest: < 1e-12, Mean: < 1e-13 }, $"{name}: {deviation}");
        }
    }

    /// <summary>The ways in which the trainer goes back through the blocks.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Nor_do_they_with_an_adapter_or_with_blocks_computed_again(bool lora, bool again)
    {
        var options = new TrainerOptions { Objective = new() { Kind = Windowed, ConfidenceWindow = 3 }, Lora = lora ? new() { Rank = 4 } : null, GradientCheckpointing = again };
        var reference = Step(Ways["one a micro-batch"](), options);
        Assert.True(reference.Skip(1).Max(Math.Abs) > 1e-6, "no gradient to compare");
        foreach (var name in new[] { "best fit in rows of 24", "one row without padding" })
        {
            var deviation = Deviation.Of(reference, Step(Ways[name](), options));
            Assert.True(deviation is { Largest: < 1e-12, Mean: < 1e-13 }, $"{name}: {deviation}");
        }
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void In_less_than_double_precision_no_layout_is_further_from_the_truth_than_separate_samples(torch.ScalarType dtype)
    {
        var objective = new ObjectiveOptions { Kind = Windowed, ConfidenceWindow = 3 };
        var truth = Step(Ways["one a micro-batch"](), objective, dtype, compute: torch.ScalarType.Float64);
        var separate = Deviation.Of(truth, Step(Ways["one a micro-batch"](), objective, dtype));
        Assert.True(separate.Largest > 1e-9, $"{dtype} cannot be exact: {separate}");
        foreach (var (name, way) in Ways.Skip(1))
        {
            var deviation = Deviation.Of(truth, Step(way(), objective, dtype));
            Assert.True(deviation.Largest < 3 * separate.Largest && deviation.Mean < 3 * separate.Largest, $"{name}: {deviation}, separate: {separate}");
        }
    }

    [Fact]
    public void Samples_that_see_each_other_are_noticed() =>
        RequireNoticed(batch => batch with { SampleIds = null });

    [Fact]
    public void Windows_and_weights_over_several_samples_are_noticed() =>
        RequireNoticed(batch => batch with { Scored = batch.Scored with { Starts = [0, batch.Scored.Count] } });

    [Fact]
    public void A_sample_whose_first_token_its_neighbour_predicts_is_noticed() => RequireNoticed(batch =>
    {
        long[] labels = [.. batch.InputIds];
        labels[0] = NextToken.Ignored;
        return batch with { Scored = NextToken.Align(labels, 1, batch.Length) };
    });

    [Fact]
    public void Positions_that_start_again_inside_a_sample_are_noticed() =>
        RequireNoticed(batch => batch with { PositionIds = [0, .. batch.PositionIds![..^1]] }); // all one late, so each sample opens with the end of the one before

    /// <summary>Rotary embeddings see differences of positions alone, so going on counting is the same function; that positions do start again is checked as numbers.</summary>
    [Fact]
    public void Positions_start_again_and_a_shift_of_a_whole_sample_would_change_nothing()
    {
        var batch = Ways["one row without padding"]()[0];
        Assert.Equal(Samples.Length, batch.PositionIds!.Count(position => position == 0));
        Assert.Equal(Samples.Max(sample => sample.Length) - 1, batch.PositionIds!.Max());
        var counted = batch with { PositionIds = null };
        Assert.True(Deviation.Of(Step([batch], new ObjectiveOptions()), Step([counted], new ObjectiveOptions())).Largest < 1e-12);
    }

    /// <summary>Samples behind one another are computed run by run, others under a mask; both see the same.</summary>
    [Fact]
    public void Runs_and_masks_see_the_same()
    {
        using var model = Create();
        using var scope = torch.NewDisposeScope();
        var ids = torch.tensor(Enumerable.Range(3, 18).Select(id => (long)id).ToArray(), [2, 9]);
        var samples = torch.tensor(new long[] { 0, 0, 0, 0, -1, 1, 1, 1, 1, 0, 0, 0, 1, -1, 2, 2, 2, 2 }, [2, 9]);
        var byRuns = model.Hidden(ids, sampleIds: samples);
        var byMask = model.Hidden(ids, attentionMask: samples.ne(-1), sampleIds: samples); // padding between samples: no runs
        var real = samples.ne(-1).unsqueeze(2);
        Assert.True((byRuns - byMask).mul(real).abs().max().ToDouble() < 1e-13);
        Assert.True((byRuns - model.Hidden(ids)).mul(real).abs().max().ToDouble() > 1e-3); // the wrong variant: all see each other
        var mixed = torch.tensor(new long[] { 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, [2, 9]); // no runs either
        var alone = model.Hidden(ids.narrow(0, 0, 1).index_select(1, torch.tensor(new long[] { 1, 3, 5, 7 })), positionIds: torch.tensor(new long[] { 1, 3, 5, 7 }, [1, 4]));
        var among = model.Hidden(ids, sampleIds: mixed).narrow(0, 0, 1).index_select(1, torch.tensor(new long[] { 1, 3, 5, 7 }));
        Assert.True((alone - among).abs().max().ToDouble() < 1e-13);
    }

    [Fact]
    public void Packed_steps_leave_no_tensor_behind()
    {
        using var model = Create(torch.ScalarType.Float32);
        using var trainer = new Trainer(model, new() { Lora = null });
        List<long> live = [];
        for (var i = 0; i < 5; i++)
        {
            trainer.Step(Ways["best fit in rows of 24"](), 1e-3);
            live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }

        Assert.Equal(live[1], live[^1]);
    }

    private static void RequireNoticed(Func<TokenBatch, TokenBatch> wrong)
    {
        var objective = new ObjectiveOptions { Kind = Windowed, ConfidenceWindow = 3 };
        var right = Ways["one row without padding"]();
        var deviation = Deviation.Of(Step(right, objective), Step([.. right.Select(wrong)], objective));
        Assert.True(deviation.Largest > 1e-3, $"not noticed: {deviation}");
    }

    private static TokenBatch Collate(TokenizedExample[][] rows) => new Collator(0).Collate(rows);

    private static IReadOnlyList<TokenBatch> Planned(RowOptions rows, int perMicroBatch)
    {
        var plan = BatchPlan.Over(new RowSet(Samples, 0), new() { Rows = rows, RowsPerMicroBatch = perMicroBatch, Accumulation = 100, Epochs = 1 });
        Assert.Equal(1, plan.Steps);
        return plan[0];
    }

    /// <summary>The same batch with more padding on the right.</summary>
    private static TokenBatch Wider(TokenBatch batch, int length)
    {
        T[] Widen<T>(T[] values, T fill) => [.. values.Chunk(batch.Length).SelectMany(row => row.Concat(Enumerable.Repeat(fill, length - batch.Length)))];
        return batch with
        {
            Length = length,
            InputIds = Widen(batch.InputIds, 7),
            AttentionMask = Widen(batch.AttentionMask!, false),
            Scored = batch.Scored with { Length = length, Positions = [.. batch.Scored.Positions.Select(at => at / batch.Length * length + at % batch.Length)] },
        };
    }

    /// <summary>Loss, then gradients of all parameters, of one step.</summary>
    private static double[] Step(IReadOnlyList<TokenBatch> batches, ObjectiveOptions objective, torch.ScalarType dtype = torch.ScalarType.Float64, torch.ScalarType? compute = null) =>
        Step(batches, new TrainerOptions { Lora = null, Objective = objective }, dtype, compute);

    private static double[] Step(IReadOnlyList<TokenBatch> batches, TrainerOptions options, torch.ScalarType dtype = torch.ScalarType.Float64, torch.ScalarType? compute = null)
    {
        using var model = Create(dtype);
        using var wide = compute is null ? null : Create(torch.ScalarType.Float64);
        if (wide is not null)
            using (torch.no_grad())
                foreach (var (target, source) in wide.Parameters.Zip(model.Parameters))
                    target.Value.copy_(source.Value); // the same rounded weights, computed with in float64
        using var trainer = new Trainer(wide ?? model, options);
        using var adapter = trainer.Adapter;
        var sums = trainer.Accumulate(batches);
        return [sums.Loss, .. trainer.Tensors.SelectMany(tensor => Doubles(tensor.Gradient!))];
    }

    /// <summary>How far values are from a reference, relative to its largest: the largest difference, and the mean signed difference, which a small factor moves and rounding does not.</summary>
    private sealed record Deviation(double Largest, double Mean)
    {
        public static Deviation Of(double[] reference, double[] values)
        {
            var scale = reference.Max(Math.Abs);
            double[] differences = [.. reference.Zip(values, (a, b) => (b - a) / scale)];
            return new(differences.Max(Math.Abs), Math.Abs(differences.Average()));
        }
    }
}
