namespace Bft.Research.Devices;

/// <summary>The kind of processor that results were computed on; never the name of a machine.</summary>
public static class Processor
{
    /// <summary>Model and number of cores in use, for example <c>AMD EPYC 9654, 2 cores</c>.</summary>
    public static string Describe() => $"{Model(HostFiles.System)}, {Environment.ProcessorCount} cores";

    /// <summary>Model alone.</summary>
    internal static string Model(HostFiles files) => files.Field("proc/cpuinfo", "model name") ?? "CPU";

    /// <summary>What the processor can do beyond the least, as the system names it.</summary>
    internal static IReadOnlyList<string> Flags(HostFiles files) => files.Field("proc/cpuinfo", "flags")?.Split(' ') ?? [];
}
