namespace Bft.Research.Devices;

/// <summary>What decisions about devices are made from: files of the system, the driver, libtorch. Tests make machines that are not there.</summary>
internal sealed record Machine
{
    /// <summary>This machine.</summary>
    public static Machine Current { get; } = new();

    /// <summary>Files in which the system describes itself.</summary>
    public HostFiles Files { get; init; } = HostFiles.System;

    /// <summary>The NVIDIA driver.</summary>
    public Func<NvidiaDriver> Driver { get; init; } = () => NvidiaDriver.Current;

    /// <summary>The libtorch of this build.</summary>
    public Func<LibtorchBuild> Libtorch { get; init; } = LibtorchBuild.Loaded;

    /// <summary>Number of this process.</summary>
    public int ProcessId { get; init; } = Environment.ProcessId;
}
