using Bft.Research.Tests.Equivalence;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Data;

/// <summary>Several samples in a row: their positions, what they see, and memory. That layout changes no loss or gradient is measured in Equivalence/EquivalenceClasses.cs.</summary>
public class PackedRowTests
{
    /// <summary>Rotary embeddings see differences of positions alone, so going on counting is the same function; that positions do start again is checked as numbers.</summary>
    [Fact]
    public void Positions_start_again_and_a_shift_of_a_whole_sample_would_change_nothing()
    {
        var batch = Layouts.InOneRow();
        Assert.Equal(Layouts.Samples.Count, batch.PositionIds!.Count(position => position == 0));
        Assert.Equal(Layouts.Samples.Max(sample => sample.Length) - 1, batch.PositionIds!.Max());
        var counted = batch with { PositionIds = null };
        var setting = Setting.Of(torch.ScalarType.Float64).Last();
        Assert.True(Step.Trained(setting, [counted]).With(Step.Plain(setting)).Within(setting.Bound));
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
            trainer.Step([Layouts.InOneRow()], 1e-3);
            live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }

        Assert.Equal(live[1], live[^1]);
    }
}
