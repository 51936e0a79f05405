using System.Diagnostics;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

/// <summary>Tests of memory run when no other test does.</summary>
[CollectionDefinition(nameof(MemoryAlone), DisableParallelization = true)]
public class MemoryAlone;

/// <summary>A thousand steps with everything on: nothing may pile up.</summary>
[Collection(nameof(MemoryAlone))]
public class FlatMemoryTests(ITestOutputHelper output)
{
    private const int Steps = 1000;

    /// <summary>What the resident set may gain from step 300 to step 1000, the managed heap compacted at both: it moved by up to 9 MiB where code was still being compiled, else by less than 1; a leak of 24 KiB a step would pass it.</summary>
    private const long Tolerance = 16L << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Live_tensors_and_the_resident_set_are_flat_over_a_thousand_steps(bool lora)
    {
        var options = new TrainerOptions
        {
            Lora = lora ? new() { Rank = 2, Dropout = 0.1, Targets = ["q_proj", "down_proj"] } : null,
            Objective = new() { ConfidenceWindow = 2 },
            RowsPerMicroBatch = 3,
            Accumulation = 1,
            MaxSteps = Steps,
            EvaluateEvery = 100,
            Checkpoints = new() { Every = 100 },
        };
        using var run = new TinyRun(options, lora ? torch.ScalarType.Float32 : torch.ScalarType.BFloat16);
        var watch = new Watch();
        run.Change = task => task with { General = MicroBatches(8), Steps = watch };
        Assert.Equal(Steps, run.Start().Step);
        output.WriteLine($"live tensors {watch.Live[2]} to {watch.Live[^1]}, resident {watch.Resident[0] >> 10} to {watch.Resident[^1] >> 10} KiB");
        Assert.Equal(watch.Live[2], watch.Live[^1]);
        Assert.True(watch.Resident[^1] - watch.Resident[0] < Tolerance, $"{watch.Resident[0] >> 10} to {watch.Resident[^1] >> 10} KiB");
    }

    [Fact]
    public void A_tensor_left_behind_by_every_step_would_be_seen()
    {
        using var model = Create(torch.ScalarType.Float32);
        using var trainer = new Trainer(model, new() { Lora = null });
        var watch = new Watch();
        List<Tensor> left = [];
        for (var step = 0; step < 5; step++)
        {
            watch.Report(trainer.Step(MicroBatches(8), 1e-3));
            left.Add(torch.zeros(1).DetachFromDisposeScope());
        }

        Assert.Equal(watch.Live[1] + 3, watch.Live[^1]);
        left.ForEach(tensor => tensor.Dispose());
    }

    /// <summary>Counts live tensors after every step, and the resident set at some.</summary>
    private sealed class Watch : IProgress<StepReport>
    {
        public List<long> Live { get; } = [];

        public List<long> Resident { get; } = [];

        public void Report(StepReport value)
        {
            Live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            if (value.Step is not (300 or Steps))
                return;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            using var process = Process.GetCurrentProcess();
            Resident.Add(process.WorkingSet64);
        }
    }
}
