using System.Runtime.InteropServices;

namespace Bft.Research.Devices;

/// <summary>Address of a function of a shared library; 0 when it has none of the name. The boundary to the driver: tests give tables of their own.</summary>
internal delegate nint FunctionTable(string function);

/// <summary>Opens libraries of the driver.</summary>
internal static class DriverLibrary
{
    /// <summary>NVIDIA's management library: cards, memory, driver version.</summary>
    public const string Nvml = "libnvidia-ml.so.1";

    /// <summary>CUDA's driver library: cards in the order in which CUDA numbers them.</summary>
    public const string Cuda = "libcuda.so.1";

    /// <summary>The functions of a library, found as the dynamic loader finds it; null when there is no such library.</summary>
    public static FunctionTable? Open(string library) =>
        NativeLibrary.TryLoad(library, out var handle) ? function => NativeLibrary.TryGetExport(handle, function, out var address) ? address : 0 : null;

    /// <summary>Address of a function that has to be there.</summary>
    /// <exception cref="DriverException">It is not.</exception>
    public static nint Require(this FunctionTable functions, string function) =>
        functions(function) is var address and not 0 ? address : throw new DriverException(function, DriverException.FunctionMissing, "the library has no such function");
}
