namespace Bft.Research.Devices;

/// <summary>The kind of processor that results were computed on; never the name of a machine.</summary>
public static class Processor
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>Model and number of cores in use, for example <c>AMD EPYC 9654, 2 cores</c>.</summary>
    public static string Describe()
    {
        var model = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
        return $"{model ?? "CPU"}, {Environment.ProcessorCount} cores";
    }
}
