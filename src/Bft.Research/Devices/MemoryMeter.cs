using System.Diagnostics;

namespace Bft.Research.Devices;

/// <summary>Memory of a run on its device: resident memory on the CPU, what the driver says on a GPU.</summary>
/// <remarks>
/// The system keeps a high-water mark of resident memory, so nothing between two readings escapes on the CPU. A driver keeps none; but libtorch's allocator returns no
/// block to it while the process runs, so what the process holds after a step includes the largest it has needed (with the context and fragmentation: it is what a card must have,
/// not the sum of tensors).
/// </remarks>
public sealed class MemoryMeter
{
    private readonly Func<(long Now, long HighWater)?> _read;
    private long _before;

    internal MemoryMeter(string source, long? totalBytes, Func<(long Now, long HighWater)?> read)
    {
        (Source, TotalBytes, _read) = (source, totalBytes, read);
        _before = read()?.HighWater ?? 0;
    }

    /// <summary>What is measured, in words; when nothing can be, why.</summary>
    public string Source { get; }

    /// <summary>Memory that there is on the device, in bytes; null when not known.</summary>
    public long? TotalBytes { get; }

    /// <summary>Largest memory so far, in bytes; 0 when it cannot be measured.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>The meter of a device.</summary>
    public static MemoryMeter Of(torch.Device device) => Of(device, Machine.Current);

    /// <summary>Largest resident memory of this process so far, in bytes.</summary>
    public static long PeakResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Largest memory since the reading before, in bytes: the new high-water mark when there is one, else what is held now. 0 when it cannot be measured.</summary>
    public long Read()
    {
        if (_read() is not { } memory)
            return 0;
        var largest = memory.HighWater > _before ? memory.HighWater : memory.Now;
        _before = Math.Max(_before, memory.HighWater);
        PeakBytes = Math.Max(PeakBytes, memory.HighWater);
        return largest;
    }

    internal static MemoryMeter Of(torch.Device device, Machine machine) =>
        device.type == DeviceType.CUDA ? OfCard(Math.Max(0, device.index), machine) : Resident(machine.Files);

    /// <summary>What the process holds on a card; of all processes where the driver does not list it.</summary>
    private static MemoryMeter OfCard(int ordinal, Machine machine)
    {
        var driver = machine.Driver();
        if (driver.Cards().FirstOrDefault(card => card.Ordinal == ordinal) is not { Memory: { } memory } card)
            return new($"not known: the driver does not tell the memory of cuda:{ordinal}", null, () => null);
        if (driver.ProcessBytes(card.Uuid, machine.ProcessId) is not null)
            return new($"memory of the process on cuda:{ordinal} (NVML)", memory.Total, () => driver.ProcessBytes(card.Uuid, machine.ProcessId) is { } own ? (own, own) : null);
        return new(
            $"memory of all processes on cuda:{ordinal} (NVML; the driver does not list this process, as in a container)",
            memory.Total,
            () => driver.Memory(card.Uuid) is { } now ? (now.Used, now.Used) : null);
    }

    private static MemoryMeter Resident(HostFiles files)
    {
        const string status = "proc/self/status";
        (long, long)? Now() => files.KilobytesField(status, "VmRSS") is { } now && files.KilobytesField(status, "VmHWM") is { } most ? (now, most) : null;
        return new(
            Now() is null ? "not known: /proc/self/status has no VmRSS and VmHWM" : "resident memory of the process (VmRSS, VmHWM)",
            files.KilobytesField("proc/meminfo", "MemTotal"),
            Now);
    }
}
