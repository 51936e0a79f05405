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
