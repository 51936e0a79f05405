using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>The memory of a run: what is planned for it, and the device that has as much.</summary>
public static class RunMemory
{
    /// <summary>Decides where a run computes, with the memory in mind that it needs on a card: where <c>auto</c> is asked for, a card without as much free is not taken.</summary>
    /// <remarks>
    /// Planned is the largest micro-batch of the first epoch, in the dtype that is asked for, in float32 where that is left to the device: more than a card then needs. That plan has not been
    /// compared with a card. <see cref="DeviceOptions.NeededBytes"/> counts where it is more.
    /// </remarks>
    /// <param name="options">The run.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="cublasWorkspace">As for <see cref="DeviceSetup.Apply"/>.</param>
    /// <exception cref="ArgumentException">As for <see cref="DeviceSetup.Apply"/>.</exception>
    public static DeviceSetup Choose(RunOptions options, RunRows rows, string? cublasWorkspace = null) => DeviceSetup.Apply(Asked(options, rows), cublasWorkspace);

    /// <summary>What is asked for of the device, with the memory that a card must have free.</summary>
    internal static DeviceOptions Asked(RunOptions options, RunRows rows)
    {
        if (options.Compute.Device == "cpu")
            return options.Compute;
        var dtype = options.Compute.Dtype switch { "bfloat16" => torch.ScalarType.BFloat16, "float64" => torch.ScalarType.Float64, _ => torch.ScalarType.Float32 };
        var planned = MemoryPlan.For(CausalLm.ReadConfig(options.Model), options.Trainer, dtype, MicroBatchSize.Largest(rows.Plan), device: DeviceType.CUDA);
        return options.Compute with { NeededBytes = Math.Max(options.Compute.NeededBytes, planned.TotalBytes) };
    }

    /// <summary>The plan of a run on a device that is chosen.</summary>
    internal static MemoryPlan Plan(CausalLmConfig config, TrainerOptions options, RunRows rows, MicroBatchSize largest, DeviceSetup setup) => MemoryPlan.For(
        config, options, setup.Precision.Dtype, largest, Available(setup), setup.Device.Device.type, rows.Training.Tokens + (rows.HeldOut?.Tokens ?? 0));

    /// <summary>What a card has free; on the processor what the machine, or the control group, has in all.</summary>
    private static long? Available(DeviceSetup setup) => setup.Device.IsCuda
        ? setup.Device.Card?.Memory?.Free
        : Math.Min(MemoryMeter.Of(setup.Device.Device).TotalBytes ?? long.MaxValue, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
