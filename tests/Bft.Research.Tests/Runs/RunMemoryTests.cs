using Bft.Research.Devices;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tests.Devices;
using Bft.Research.Training;
using Bft.Tests;

namespace Bft.Research.Tests.Runs;

/// <summary>The device of a run has the memory that is planned for it.</summary>
[Collection(nameof(MadeUpDriver))]
public sealed class RunMemoryTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private RunOptions Options
    {
        get
        {
            File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53 guards the genome."}""" + "\n");
            return RunFile.Read(null, [.. new[] { $"model={Path.Combine(Checkout.Root, "notebooks", "mini", "model")}", $"data={_folder["rows.jsonl"]}", $"output={_folder["run"]}" }.Select(RunSetting.Parse)], [], _ => null);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_card_without_as_much_free_as_is_planned_is_not_taken()
    {
        var options = Options;
        var rows = RunRows.Read(options);
        var asked = RunMemory.Asked(options, rows);
        var whole = RunMemory.Asked(options with { Trainer = options.Trainer with { Lora = null } }, rows);
        Assert.True(asked.NeededBytes > 500_000_000, $"{asked.NeededBytes}");
        Assert.True(whole.NeededBytes > asked.NeededBytes, "all weights need more than an adapter");
        Machine machine = new() { Driver = () => new(MadeUpDriver.Libraries()), Libtorch = () => new("2.10.0", "/lib", true, "12.8", 2), ProcessId = MadeUpDriver.Process };
        MadeUpDriver.Now = new() { LargeFree = 20_000_000_000, SmallFree = 1_000_000_000 };
        var large = options with { Compute = options.Compute with { NeededBytes = 30_000_000_000 } };
        Assert.Equal("cuda:0", DeviceChoice.Pick(asked.Device, asked.NeededBytes, machine).Name);
        Assert.Equal("cpu", DeviceChoice.Pick(asked.Device, RunMemory.Asked(large, rows).NeededBytes, machine).Name);
        Assert.Equal("cuda:0", DeviceChoice.Pick(asked.Device, 0, machine).Name); // the wrong variant: nothing is asked for
        Assert.Equal(0, RunMemory.Asked(options with { Compute = options.Compute with { Device = "cpu" } }, rows).NeededBytes);
    }

    [Fact]
    public void The_plan_counts_rows_and_tokenizer_on_the_processor_and_a_context_on_a_card()
    {
        var config = new Bft.Research.Models.CausalLmConfig { Family = Bft.Research.Models.DecoderFamily.Llama, VocabularySize = 1000, HiddenSize = 16, IntermediateSize = 32, Layers = 1, Heads = 2, KeyValueHeads = 2, HeadDim = 8 };
        MemoryPlan Plan(DeviceType device, long tokens) => MemoryPlan.For(config, new(), torch.ScalarType.Float32, new(1, 16, 15), device: device, rowTokens: tokens);
        Assert.Equal(16_000_000, Plan(DeviceType.CPU, 1_000_000).TotalBytes - Plan(DeviceType.CPU, 0).TotalBytes);
        Assert.Contains(Plan(DeviceType.CUDA, 0).Parts, part => part.Name == "context");
        Assert.DoesNotContain(Plan(DeviceType.CUDA, 0).Parts, part => part.Name is "process" or "tokenizer" or "rows");
    }

    [Fact]
    public void What_handles_leave_behind_is_collected_before_it_piles_up()
    {
        var limit = new GarbageLimit();
        var collections = GC.CollectionCount(0);
        for (var left = 0L; left < 2 * GarbageLimit.Bytes; left += 80_000)
        {
            GC.KeepAlive(new byte[80_000]); // too small for the heap of large objects
            limit.Keep();
        }

        Assert.True(GC.CollectionCount(0) > collections);
    }
}
