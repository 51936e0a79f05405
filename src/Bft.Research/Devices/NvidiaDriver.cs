namespace Bft.Research.Devices;

/// <summary>What the NVIDIA driver says about this machine, or why it says nothing. Opened once; the libraries stay open until the process ends.</summary>
internal sealed class NvidiaDriver
{
    /// <summary>Asks the driver's libraries.</summary>
    /// <param name="open">Finds a library by name; null when there is none.</param>
    public NvidiaDriver(Func<string, FunctionTable?> open)
    {
        (Nvml, NvmlProblem) = Start(open(DriverLibrary.Nvml), functions => new NvmlLibrary(functions));
        (Cuda, CudaProblem) = Start(open(DriverLibrary.Cuda), functions => new CudaDriverLibrary(functions));
    }

    /// <summary>The driver of this machine.</summary>
    public static NvidiaDriver Current => s_current.Value;

    /// <summary>Management library; null when it is absent or does not start.</summary>
    public NvmlLibrary? Nvml { get; }

    /// <summary>Why the management library does not start; null when it does, and when it is absent.</summary>
    public DriverException? NvmlProblem { get; }

    /// <summary>Whether the management library was found.</summary>
    public bool HasNvml => Nvml is not null || NvmlProblem is not null;

    /// <summary>CUDA's driver library; null when it is absent or does not start.</summary>
    public CudaDriverLibrary? Cuda { get; }

    /// <summary>Why CUDA's driver library does not start; null when it does, and when it is absent.</summary>
    public DriverException? CudaProblem { get; }

    /// <summary>Whether CUDA's driver library was found.</summary>
    public bool HasCuda => Cuda is not null || CudaProblem is not null;

    private static readonly Lazy<NvidiaDriver> s_current = new(() => new(DriverLibrary.Open));

    /// <summary>The cards that CUDA shows, in its order, with their memory now; then those that it hides.</summary>
    public IReadOnlyList<GpuCard> Cards()
    {
        var all = Ask(() => Nvml?.Cards()) ?? [];
        var shown = (Ask(() => Cuda?.Cards()) ?? []).Select(card => Named(card, all)).ToList();
        return [.. shown, .. all.Where(card => shown.All(other => other.Uuid != card.Uuid))];
    }

    /// <summary>Memory of a card now; null when the driver does not say.</summary>
    public GpuMemory? Memory(string uuid) => Ask(() => Nvml?.Memory(uuid));

    /// <summary>Bytes that a process holds on a card; null when the driver does not say.</summary>
    public long? ProcessBytes(string uuid, int process)
    {
        try
        {
            return Nvml?.ProcessBytes(uuid, process);
        }
        catch (DriverException)
        {
            return null;
        }
    }

    /// <summary>NVML writes GPU- before the identifier of a card and MIG- before that of a slice of one.</summary>
    private GpuCard Named(GpuCard card, IReadOnlyList<GpuCard> all) => all.FirstOrDefault(known => known.Uuid == $"GPU-{card.Uuid}") is { } whole
        ? whole with { Ordinal = card.Ordinal }
        : card with { Uuid = $"MIG-{card.Uuid}", Memory = Memory($"MIG-{card.Uuid}") };

    private static T? Ask<T>(Func<T?> question) where T : class
    {
        try
        {
            return question();
        }
        catch (DriverException)
        {
            return null;
        }
    }

    private static (T?, DriverException?) Start<T>(FunctionTable? functions, Func<FunctionTable, T> start) where T : class
    {
        try
        {
            return (functions is null ? null : start(functions), null);
        }
        catch (DriverException e)
        {
            return (null, e);
        }
    }
}
