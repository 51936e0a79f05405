using System.Diagnostics;

namespace Bft.Research.Devices;

/// <summary>Memory of this process, as the operating system counts it.</summary>
public static class MemoryMeter
{
    /// <summary>Largest resident memory so far, in bytes.</summary>
    public static long PeakResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
