using System.Globalization;
using System.Runtime.InteropServices;

namespace Bft.Research.Devices;

/// <summary>CUDA's driver library: which cards CUDA shows this process, in the order of <c>cuda:N</c>. Needed because NVML numbers all cards of the machine, in another order.</summary>
internal sealed unsafe class CudaDriverLibrary
{
    /// <summary>There is no card that CUDA may use.</summary>
    public const int NoDevice = 100;

    /// <summary>The switches between cards are not up: the fabric manager of the machine has to run.</summary>
    public const int NotYetInitialised = 802;

    /// <summary>The kernel's driver and this library are of different versions.</summary>
    public const int DriverMismatch = 803;

    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;
    private const int NameLength = 128;
    private readonly FunctionTable _functions;

    /// <summary>Starts the library.</summary>
    /// <exception cref="DriverException">It does not start; <see cref="DriverException.Code"/> says why.</exception>
    public CudaDriverLibrary(FunctionTable functions)
    {
        _functions = functions;
        Check("cuInit", ((delegate* unmanaged[Cdecl]<uint, int>)Address("cuInit"))(0));
    }

    /// <summary>The cards, numbered as <c>cuda:N</c>, without memory. Identifiers lack the prefix that NVML puts before them.</summary>
    public IReadOnlyList<GpuCard> Cards()
    {
        int count;
        Check("cuDeviceGetCount", ((delegate* unmanaged[Cdecl]<int*, int>)Address("cuDeviceGetCount"))(&count));
        var cards = new List<GpuCard>();
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            int device;
            Check("cuDeviceGet", ((delegate* unmanaged[Cdecl]<int*, int, int>)Address("cuDeviceGet"))(&device, ordinal));
            cards.Add(new(ordinal, Name(device), Uuid(device), new(Attribute(CapabilityMajor, device), Attribute(CapabilityMinor, device)), null));
        }

        return cards;
    }

    private string Name(int device)
    {
        var name = stackalloc byte[NameLength];
        Check("cuDeviceGetName", ((delegate* unmanaged[Cdecl]<byte*, int, int, int>)Address("cuDeviceGetName"))(name, NameLength, device));
        return Marshal.PtrToStringUTF8((nint)name) ?? "";
    }

    private string Uuid(int device)
    {
        var bytes = stackalloc byte[16];
        Check("cuDeviceGetUuid_v2", ((delegate* unmanaged[Cdecl]<byte*, int, int>)Address("cuDeviceGetUuid_v2"))(bytes, device));
        return new Guid(new ReadOnlySpan<byte>(bytes, 16), bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    private int Attribute(int attribute, int device)
    {
        int value;
        Check("cuDeviceGetAttribute", ((delegate* unmanaged[Cdecl]<int*, int, int, int>)Address("cuDeviceGetAttribute"))(&value, attribute, device));
        return value;
    }

    private nint Address(string function) => _functions.Require(function);

    private static void Check(string function, int code)
    {
        if (code != 0)
            throw new DriverException(function, code, code switch
            {
                NoDevice => "no CUDA device",
                NotYetInitialised => "the system is not yet initialised",
                DriverMismatch => "driver and library are of different versions",
                _ => "error",
            });
    }
}
