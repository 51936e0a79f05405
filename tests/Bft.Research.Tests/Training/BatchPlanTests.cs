using Bft.Research.Data;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

public class BatchPlanTests
{
    private static readonly TrainerOptions Options = new() { RowsPerMicroBatch = 2, Accumulation = 3, Epochs = 2 };

    [Fact]
    public void Every_epoch_takes_every_row_once_and_ends_with_a_shorter_step()
    {
        var plan = Numbers(Options);
        Assert.Equal(4, plan.Count); // 8 rows: a step of 6, a step of 2, twice
        Assert.Equal([3, 1, 3, 1], plan.Select(step => step.Count));
        Assert.Equal(Enumerable.Range(0, 8), plan[0].Concat(plan[1]).SelectMany(b => b).Order());
        Assert.Equal(Enumerable.Range(0, 8), plan[2].Concat(plan[3]).SelectMany(b => b).Order());
        Assert.NotEqual(plan[0].SelectMany(b => b), plan[2].SelectMany(b => b)); // the wrong variant: one order for all epochs
    }

    [Fact]
    public void The_order_depends_on_the_seed_alone()
    {
        Assert.Equal(Numbers(Options).SelectMany(s => s).SelectMany(b => b), Numbers(Options).SelectMany(s => s).SelectMany(b => b));
        Assert.NotEqual(Numbers(Options)[0].SelectMany(b => b), Numbers(Options with { Seed = 43 })[0].SelectMany(b => b));
        Assert.Equal([0, 1], Numbers(Options with { Rows = new() { Order = RowOrder.AsRead } })[0][0]);
    }

    [Fact]
    public void A_number_of_steps_overrides_epochs()
    {
        Assert.Equal(5, Numbers(Options with { MaxSteps = 5 }).Count);
        Assert.Single(Numbers(Options with { MaxSteps = 1 }));
        Assert.Contains("no rows", Assert.Throws<InvalidDataException>(() => BatchPlan.Over(0, _ => Batch(0), Options)).Message);
    }

    /// <summary>The position in the data is the number of the step: any step can be asked for, in any order, at any time.</summary>
    [Theory]
    [InlineData(RowPacking.None)]
    [InlineData(RowPacking.BestFit)]
    [InlineData(RowPacking.PaddingFree)]
    public void Any_step_can_be_asked_for_on_its_own(RowPacking packing)
    {
        var rows = new RowSet([.. Enumerable.Range(0, 61).Select(i => new TokenizedExample { Ids = [.. Enumerable.Range(0, 3 + i % 9)], Labels = [.. Enumerable.Range(0, 3 + i % 9).Select(id => (long)id)], Name = $"{i}" })], 0);
        var options = new TrainerOptions { Rows = new() { Packing = packing, Cutoff = 16, TokensPerMicroBatch = 40, Order = RowOrder.GroupedByLength }, Accumulation = 2, Epochs = 3 };
        var whole = BatchPlan.Over(rows, options);
        var inOrder = Enumerable.Range(0, whole.Steps).Select(step => Names(whole[step])).ToList();
        Assert.Equal(3 * 61, inOrder.Sum(step => step.Count));
        Assert.Equal(61, inOrder.SelectMany(step => step).Distinct().Count());
        foreach (var step in StableShuffle.Order(whole.Steps, 1))
            Assert.Equal(inOrder[step], Names(BatchPlan.Over(rows, options)[step]));
        var shorter = BatchPlan.Over(rows, options with { MaxSteps = whole.Steps - 1 });
        Assert.Equal(inOrder[^2], Names(shorter[shorter.Steps - 1])); // also where only steps are counted
        Assert.NotEqual(inOrder[0], inOrder[whole.StepsPerEpoch]); // the wrong variant: one order for all epochs
        Assert.Equal((61, rows.Tokens), (whole.FirstEpoch!.Samples, whole.FirstEpoch.RealTokens));
        Assert.Equal(Enumerable.Range(0, whole.StepsPerEpoch).SelectMany(step => whole[step]).Sum(batch => (long)batch.Rows * batch.Length), whole.FirstEpoch.PaddedTokens);

        static List<string> Names(IReadOnlyList<TokenBatch> step) => [.. step.SelectMany(batch => batch.SampleNames)];
    }

    [Fact]
    public void What_needs_the_lengths_of_rows_is_refused_without_them() =>
        Assert.Contains("lengths", Assert.Throws<ArgumentException>(() => BatchPlan.Over(3, _ => Batch(0), Options with { Rows = new() { Packing = RowPacking.BestFit } })).Message);

    private static List<List<int[]>> Numbers(TrainerOptions options)
    {
        List<int[]> made = [];
        var plan = BatchPlan.Over(Rows.Count, numbers =>
        {
            made.Add([.. numbers]);
            return Batch(numbers);
        }, options);
        return [.. Enumerable.Range(0, plan.Steps).Select(step =>
        {
            made.Clear();
            _ = plan[step];
            return made.ToList();
        })];
    }
}
