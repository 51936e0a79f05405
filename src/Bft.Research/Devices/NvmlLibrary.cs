using System.Runtime.InteropServices;

namespace Bft.Research.Devices;

/// <summary>NVIDIA's management library, through the few functions needed here. Signatures: NVML API reference, releases 515 and newer.</summary>
internal sealed unsafe class NvmlLibrary
{
    /// <summary>The kernel's driver and the library are of different versions, as after an update without a restart.</summary>
    public const int VersionMismatch = 18;

    /// <summary>The kernel's driver is not loaded.</summary>
    public const int DriverNotLoaded = 9;

    /// <summary>The process may not ask.</summary>
    public const int NoPermission = 4;

    private const int TextLength = 96;
    private const int InsufficientSize = 7;
    private readonly FunctionTable _functions;

    /// <summary>Starts the library; it stays so until the process ends.</summary>
    /// <exception cref="DriverException">It does not start.</exception>
    public NvmlLibrary(FunctionTable functions)
    {
        _functions = functions;
        Check("nvmlInit_v2", ((delegate* unmanaged[Cdecl]<int>)Address("nvmlInit_v2"))());
    }

    /// <summary>Version of the driver, for example 570.86.15.</summary>
    public string DriverVersion
    {
        get
        {
            var text = stackalloc byte[TextLength];
            Check("nvmlSystemGetDriverVersion", ((delegate* unmanaged[Cdecl]<byte*, uint, int>)Address("nvmlSystemGetDriverVersion"))(text, TextLength));
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
    }

    /// <summary>Newest CUDA that the driver serves, for example 12.8.</summary>
    public Version CudaVersion
    {
        get
        {
            int version;
            Check("nvmlSystemGetCudaDriverVersion_v2", ((delegate* unmanaged[Cdecl]<int*, int>)Address("nvmlSystemGetCudaDriverVersion_v2"))(&version));
            return new(version / 1000, version % 1000 / 10);
        }
    }

    /// <summary>All cards, in the library's order, without numbers of CUDA.</summary>
    public IReadOnlyList<GpuCard> Cards()
    {
        uint count;
        Check("nvmlDeviceGetCount_v2", ((delegate* unmanaged[Cdecl]<uint*, int>)Address("nvmlDeviceGetCount_v2"))(&count));
        var cards = new List<GpuCard>();
        for (uint index = 0; index < count; index++)
        {
            nint device;
            Check("nvmlDeviceGetHandleByIndex_v2", ((delegate* unmanaged[Cdecl]<uint, nint*, int>)Address("nvmlDeviceGetHandleByIndex_v2"))(index, &device));
            int major, minor;
            Check("nvmlDeviceGetCudaComputeCapability", ((delegate* unmanaged[Cdecl]<nint, int*, int*, int>)Address("nvmlDeviceGetCudaComputeCapability"))(device, &major, &minor));
            cards.Add(new(null, Text("nvmlDeviceGetName", device), Text("nvmlDeviceGetUUID", device), new(major, minor), Memory(device)));
        }

        return cards;
    }

    /// <summary>Memory of the card with an identifier; null when the driver does not say.</summary>
    /// <exception cref="DriverException">There is no such card.</exception>
    public GpuMemory? Memory(string uuid) => Memory(Handle(uuid));

    /// <summary>Bytes that a process holds on a card; null when the driver does not list the process, as in a container with process numbers of its own.</summary>
    /// <exception cref="DriverException">There is no such card, or it cannot be asked.</exception>
    public long? ProcessBytes(string uuid, int process)
    {
        const string name = "nvmlDeviceGetComputeRunningProcesses_v3";
        var device = Handle(uuid);
        for (uint room = 64; ; room *= 2)
        {
            var processes = new ProcessInfo[room];
            var count = room;
            int code;
            fixed (ProcessInfo* first = processes)
                code = ((delegate* unmanaged[Cdecl]<nint, uint*, ProcessInfo*, int>)Address(name))(device, &count, first);
            if (code == InsufficientSize && room < 1 << 16)
                continue;
            Check(name, code);
            var own = processes.AsSpan(0, (int)count).ToArray().Where(p => p.Id == process && p.UsedBytes != ulong.MaxValue).Select(p => (long)p.UsedBytes).ToList();
            return own.Count == 0 ? null : own.Sum();
        }
    }

    private nint Handle(string uuid)
    {
        var text = Marshal.StringToCoTaskMemUTF8(uuid);
        try
        {
            nint device;
            Check("nvmlDeviceGetHandleByUUID", ((delegate* unmanaged[Cdecl]<byte*, nint*, int>)Address("nvmlDeviceGetHandleByUUID"))((byte*)text, &device));
            return device;
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    private GpuMemory? Memory(nint device)
    {
        MemoryInfo memory;
        return ((delegate* unmanaged[Cdecl]<nint, MemoryInfo*, int>)Address("nvmlDeviceGetMemoryInfo"))(device, &memory) == 0
            ? new((long)memory.Total, (long)memory.Used, (long)memory.Free)
            : null;
    }

    private string Text(string function, nint device)
    {
        var text = stackalloc byte[TextLength];
        Check(function, ((delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)Address(function))(device, text, TextLength));
        return Marshal.PtrToStringUTF8((nint)text) ?? "";
    }

    private void Check(string function, int code)
    {
        if (code == 0)
            return;
        var words = _functions("nvmlErrorString") is var address and not 0 ? Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<int, nint>)address)(code)) : null;
        throw new DriverException(function, code, words ?? "error");
    }

    private nint Address(string function) => _functions.Require(function);

    /// <summary><c>nvmlMemory_t</c>.</summary>
    private readonly record struct MemoryInfo(ulong Total, ulong Free, ulong Used);

    /// <summary><c>nvmlProcessInfo_t</c> as of version 2: 24 bytes.</summary>
    private readonly record struct ProcessInfo(uint Id, ulong UsedBytes, uint GpuInstance, uint ComputeInstance);
}
