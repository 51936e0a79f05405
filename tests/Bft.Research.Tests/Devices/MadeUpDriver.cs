using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>A driver with two cards, as functions with the calling convention and layouts of NVIDIA's libraries, so that what is tested is the real reading of them.</summary>
/// <remarks>CUDA numbers the cards the other way round than NVML, as it may (fastest first). Process numbers are those of a host: 4242 holds 3 GB of the second card.</remarks>
internal static unsafe class MadeUpDriver
{
    public const int Process = 4242;
    public const string Small = "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f";
    public const string Large = "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f";

    /// <summary>What the functions answer; set by each test before it asks.</summary>
    public static State Now { get; set; } = new();

    public sealed record State
    {
        public int NvmlInit { get; init; }

        public int CudaInit { get; init; }

        public bool HidesSmall { get; init; }

        public ulong SmallFree { get; init; } = 15_000_000_000;

        public ulong LargeFree { get; init; } = 60_000_000_000;

        public int CudaVersion { get; init; } = 12080;
    }

    /// <summary>Both libraries, or those that are named.</summary>
    public static Func<string, FunctionTable?> Libraries(params string[] present) =>
        library => present.Length > 0 && !present.Contains(library) ? null : Table(library == DriverLibrary.Nvml ? s_nvml : s_cuda);

    /// <summary>A table without some functions, as of an older driver.</summary>
    public static FunctionTable Without(string function) => name => name == function ? 0 : Table(s_nvml)(name);

    private static FunctionTable Table(Dictionary<string, nint> functions) => name => functions.GetValueOrDefault(name);

    private static readonly Dictionary<string, nint> s_nvml = new()
    {
        ["nvmlInit_v2"] = (nint)(delegate* unmanaged[Cdecl]<int>)&NvmlInit,
        ["nvmlErrorString"] = (nint)(delegate* unmanaged[Cdecl]<int, nint>)&ErrorString,
        ["nvmlSystemGetDriverVersion"] = (nint)(delegate* unmanaged[Cdecl]<byte*, uint, int>)&DriverVersion,
        ["nvmlSystemGetCudaDriverVersion_v2"] = (nint)(delegate* unmanaged[Cdecl]<int*, int>)&CudaVersion,
        ["nvmlDeviceGetCount_v2"] = (nint)(delegate* unmanaged[Cdecl]<uint*, int>)&NvmlCount,
        ["nvmlDeviceGetHandleByIndex_v2"] = (nint)(delegate* unmanaged[Cdecl]<uint, nint*, int>)&HandleByIndex,
        ["nvmlDeviceGetHandleByUUID"] = (nint)(delegate* unmanaged[Cdecl]<byte*, nint*, int>)&HandleByUuid,
        ["nvmlDeviceGetName"] = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)&NvmlName,
        ["nvmlDeviceGetUUID"] = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)&NvmlUuid,
        ["nvmlDeviceGetCudaComputeCapability"] = (nint)(delegate* unmanaged[Cdecl]<nint, int*, int*, int>)&Capability,
        ["nvmlDeviceGetMemoryInfo"] = (nint)(delegate* unmanaged[Cdecl]<nint, ulong*, int>)&MemoryInfo,
        ["nvmlDeviceGetComputeRunningProcesses_v3"] = (nint)(delegate* unmanaged[Cdecl]<nint, uint*, byte*, int>)&Processes,
    };

    private static readonly Dictionary<string, nint> s_cuda = new()
    {
        ["cuInit"] = (nint)(delegate* unmanaged[Cdecl]<uint, int>)&CuInit,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged[Cdecl]<int*, int>)&CuCount,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged[Cdecl]<int*, int, int>)&CuGet,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged[Cdecl]<byte*, int, int, int>)&CuName,
        ["cuDeviceGetUuid_v2"] = (nint)(delegate* unmanaged[Cdecl]<byte*, int, int>)&CuUuid,
        ["cuDeviceGetAttribute"] = (nint)(delegate* unmanaged[Cdecl]<int*, int, int, int>)&CuAttribute,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NvmlInit() => Now.NvmlInit;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint ErrorString(int code) => Marshal.StringToCoTaskMemUTF8(code == 18 ? "Driver/library version mismatch" : "Unknown Error");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DriverVersion(byte* text, uint length) => Write(text, length, "570.86.15");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CudaVersion(int* version)
    {
        *version = Now.CudaVersion;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NvmlCount(uint* count)
    {
        *count = 2;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int HandleByIndex(uint index, nint* device)
    {
        *device = (nint)index + 100;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int HandleByUuid(byte* uuid, nint* device)
    {
        *device = Marshal.PtrToStringUTF8((nint)uuid) switch { Small => 100, Large => 101, _ => 0 };
        return *device == 0 ? 6 : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NvmlName(nint device, byte* text, uint length) => Write(text, length, device == 100 ? "Tesla T4" : "NVIDIA H100 80GB HBM3");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NvmlUuid(nint device, byte* text, uint length) => Write(text, length, device == 100 ? Small : Large);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Capability(nint device, int* major, int* minor)
    {
        (*major, *minor) = device == 100 ? (7, 5) : (9, 0);
        return 0;
    }

    /// <summary>nvmlMemory_t: total, free, used.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int MemoryInfo(nint device, ulong* memory)
    {
        (memory[0], memory[1]) = device == 100 ? (16_000_000_000UL, Now.SmallFree) : (80_000_000_000UL, Now.LargeFree);
        memory[2] = memory[0] - memory[1];
        return 0;
    }

    /// <summary>nvmlProcessInfo_t: pid at 0, used bytes at 8, two instance numbers at 16 and 20; 24 bytes.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Processes(nint device, uint* count, byte* infos)
    {
        (uint Id, ulong Bytes)[] processes = device == 100 ? [] : [(17, 1_000_000_000), (Process, 3_000_000_000), (18, ulong.MaxValue)];
        for (var i = 0; i < processes.Length; i++)
        {
            *(uint*)(infos + 24 * i) = processes[i].Id;
            *(ulong*)(infos + 24 * i + 8) = processes[i].Bytes;
            *(ulong*)(infos + 24 * i + 16) = ulong.MaxValue;
        }

        *count = (uint)processes.Length;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuInit(uint flags) => Now.CudaInit;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuCount(int* count)
    {
        *count = Now.HidesSmall ? 1 : 2;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuGet(int* device, int ordinal)
    {
        *device = ordinal + 50;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuName(byte* text, int length, int device) => Write(text, (uint)length, device == 50 ? "NVIDIA H100 80GB HBM3" : "Tesla T4");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuUuid(byte* bytes, int device)
    {
        for (var i = 0; i < 16; i++)
            bytes[i] = (byte)(i + (device == 50 ? 16 : 0));
        return 0;
    }

    /// <summary>75 and 76 are the parts of the compute capability.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CuAttribute(int* value, int attribute, int device)
    {
        *value = (attribute, device) switch { (75, 50) => 9, (76, 50) => 0, (75, _) => 7, (76, _) => 5, _ => -1 };
        return 0;
    }

    private static int Write(byte* text, uint length, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value + "\0");
        if (bytes.Length > length)
            return 7;
        bytes.CopyTo(new Span<byte>(text, (int)length));
        return 0;
    }
}
