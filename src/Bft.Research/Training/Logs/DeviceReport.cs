using Bft.Research.Devices;

namespace Bft.Research.Training;

/// <summary>What a run computes on, written at its start and whenever it goes on from a checkpoint, so that speeds and memory in the log can be read.</summary>
public sealed record DeviceReport
{
    /// <summary>Optimiser steps taken before.</summary>
    public required int Step { get; init; }

    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Why it is this one.</summary>
    public required string DeviceReason { get; init; }

    /// <summary>Kind of processor or card; never the name of a computer.</summary>
    public required string Hardware { get; init; }

    /// <summary>Type that the model computes in.</summary>
    public required string Dtype { get; init; }

    /// <summary>Threads of a tensor operation on the CPU.</summary>
    public required int Threads { get; init; }

    /// <summary>What the device can do at most in this type, operations a second; null when it is not known, and then no utilisation is given.</summary>
    public double? PeakFlopsPerSecond { get; init; }

    /// <summary>Where the peak comes from, or why there is none.</summary>
    public required string PeakSource { get; init; }

    /// <summary>What the memory in the log is.</summary>
    public required string MemorySource { get; init; }

    /// <summary>Memory that there is on the device, in bytes; null when not known.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Describes the device of a trainer.</summary>
    /// <param name="trainer">The trainer; its <see cref="Trainer.Peak"/> is taken over.</param>
    /// <param name="choice">The device and why it was chosen.</param>
    public static DeviceReport Of(Trainer trainer, DeviceChoice choice) => new()
    {
        Step = trainer.Steps,
        Device = choice.Name,
        DeviceReason = choice.Reason,
        Hardware = choice.Hardware,
        Dtype = trainer.Model.Dtype.ToString().ToLowerInvariant(),
        Threads = torch.get_num_threads(),
        PeakFlopsPerSecond = trainer.Peak?.FlopsPerSecond,
        PeakSource = trainer.Peak?.Source ?? "not asked for",
        MemorySource = trainer.Memory.Source,
        MemoryBytes = trainer.Memory.TotalBytes,
    };
}
