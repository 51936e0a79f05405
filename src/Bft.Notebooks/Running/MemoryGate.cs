using System.Globalization;

namespace Bft.Notebooks.Running;

/// <summary>Decides whether memory is left for one more notebook beside those that run.</summary>
/// <param name="needed">What a notebook may take, in bytes.</param>
/// <param name="memoryInformation">A file in the form of Linux's <c>/proc/meminfo</c>; where it is missing, memory is taken to suffice.</param>
internal sealed class MemoryGate(long needed, string memoryInformation = "/proc/meminfo")
{
    private const int BytesPerKilobyte = 1024;

    /// <summary>True when no notebook runs, or when the free memory holds one more after each running one has taken what it may.</summary>
    /// <param name="taken">What each running notebook takes now, in bytes.</param>
    public bool Allows(IReadOnlyCollection<long> taken) =>
        taken.Count == 0 || Available() is not { } available || available - taken.Sum(bytes => Math.Max(0, needed - bytes)) >= needed;

    /// <summary>Memory of a process in RAM; 0 when it has ended or the system does not tell.</summary>
    public static long ResidentBytes(int process)
    {
        try
        {
            return long.Parse(File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private long? Available()
    {
        if (!File.Exists(memoryInformation))
            return null;
        var line = File.ReadLines(memoryInformation).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [_, var kilobytes, ..] ? long.Parse(kilobytes, CultureInfo.InvariantCulture) * BytesPerKilobyte : null;
    }
}
