using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

public class MemoryPlanTests
{
    private static readonly CausalLmConfig Large = new()
    {
        Family = DecoderFamily.Llama,
        VocabularySize = 49_152,
        HiddenSize = 576,
        IntermediateSize = 1536,
        Layers = 30,
        Heads = 9,
        KeyValueHeads = 3,
        HeadDim = 64,
        TiedHead = true,
    };

    private static readonly MicroBatchSize Batch = new(8, 128, 1016);

    [Fact]
    public void Trained_values_are_those_of_the_adapter()
    {
        using var model = TinyModel.Create();
        foreach (var options in (LoraOptions[])[new(), new() { Rank = 3, Dora = true }, new() { Targets = ["q_proj", "lm_head"], RankPattern = new Dictionary<string, int> { ["lm_head"] = 5 } }, new() { ModulesToSave = ["embed_tokens"] }])
        {
            using var adapter = LoraAdapter.Create(model, options, 1);
            Assert.Equal(adapter.Parameters.Sum(p => p.Value.numel()), PeftConfig.From(options).TrainedValues(model.Config));
        }
    }

    [Fact]
    public void A_run_that_does_not_fit_is_told_the_cheapest_changes_that_make_it_fit()
    {
        var plan = MemoryPlan.For(Large, new() { RowsPerMicroBatch = 8, Accumulation = 1 }, torch.ScalarType.Float32, Batch, 1_100_000_000);
        Assert.False(plan.Fits);
        Assert.StartsWith("rowsPerMicroBatch to 4 and accumulation to 2", plan.Changes[0].What, StringComparison.Ordinal);
        Assert.True(plan.Changes[^1].TotalBytes <= 1_100_000_000);
        Assert.All(plan.Changes.SkipLast(1), change => Assert.True(change.TotalBytes > 1_100_000_000, "no change more than needed"));
        Assert.Equal(plan.Changes.Select(c => c.TotalBytes).OrderDescending(), plan.Changes.Select(c => c.TotalBytes));
        Assert.Contains("does not fit into 1,100 MB", plan.ToText(), StringComparison.Ordinal);
        Assert.DoesNotContain("whatever is changed", plan.ToText(), StringComparison.Ordinal);
        Assert.Contains("whatever is changed", (MemoryPlan.For(Large, new(), torch.ScalarType.Float32, Batch, 1_000_000)).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_fits_says_so_and_a_missed_plan_is_called_missed()
    {
        var plan = MemoryPlan.For(Large, new(), torch.ScalarType.Float32, Batch, 24_000_000_000);
        Assert.True(plan.Fits);
        Assert.Contains("fits into 24,000 MB", plan.ToText(), StringComparison.Ordinal);
        Assert.Equal(plan.TotalBytes, plan.Parts.Sum(p => p.Bytes));
        Assert.DoesNotContain("was off", plan.Compare(plan.TotalBytes * 109 / 100), StringComparison.Ordinal);
        Assert.Contains("was off", plan.Compare(plan.TotalBytes * 2), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_that_matters_moves_the_plan_the_right_way()
    {
        long Total(TrainerOptions options, torch.ScalarType dtype = torch.ScalarType.Float32, MicroBatchSize? batch = null) =>
            MemoryPlan.For(Large, options, dtype, batch ?? Batch).TotalBytes;
        var start = Total(new());
        Assert.True(Total(new() { GradientCheckpointing = true }) < start);
        Assert.True(Total(new(), torch.ScalarType.BFloat16) < start);
        Assert.True(Total(new() { Lora = null }) > start);
        Assert.True(Total(new(), batch: Batch with { Rows = 16, Supervised = 2032 }) > start);
        Assert.Throws<ArgumentException>(() => Total(new() { Epochs = 0 }));
    }
}
