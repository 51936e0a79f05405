using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Bft.Research.Devices;

/// <summary>Makes the native part of TorchSharp load, everywhere Bft runs: command line, tests, notebooks.</summary>
/// <remarks>
/// A module initialiser registers the resolver before any type of this assembly can touch <c>torch</c>; TorchSharp itself would otherwise fall back to
/// copying half a gigabyte of natives. It acts only after normal probing has failed: it loads libtorch by path, relaxes one symbol version of
/// <c>libLibTorchSharp.so</c> in a private copy (<see cref="ElfVersionNeeds"/>) and loads that copy. Nothing on disk is changed.
/// </remarks>
public static class NativeLibraries
{
    private const string Wrapper = "libLibTorchSharp.so";
    private const string NewestVersion = "GLIBCXX_3.4.32";
    private static readonly string[] s_cpu = ["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libtorch.so"];
    private static readonly string[] s_cuda = ["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];
    private static readonly Lock s_gate = new();
    private static nint s_handle;

    /// <summary>Folders searched for natives, in order. Hosts that load this assembly from elsewhere (notebooks) may add to it before first use.</summary>
    public static IList<string> SearchFolders { get; } = [.. DefaultFolders()];

#pragma warning disable CA2255 // A module initialiser in a library: the failed static constructor of TorchSharp is permanent, so this cannot wait for a call.
    [ModuleInitializer]
    internal static void Register()
    {
        if (!OperatingSystem.IsLinux())
            return;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == "LibTorchSharp" ? Load() : 0;
        ReturnLargeBlocks();
    }
#pragma warning restore CA2255

    /// <summary>Loads libtorch and the wrapper now, so that a failure carries its real reason.</summary>
    /// <exception cref="DllNotFoundException">The natives are absent, or the system is too old in a way that cannot be settled; the message names the fix.</exception>
    public static void EnsureLoaded() => _ = Load();

    private static nint Load()
    {
        lock (s_gate)
        {
            if (s_handle != 0)
                return s_handle;
            var wrapper = Find(Wrapper) ?? throw new DllNotFoundException(
                $"{Wrapper} was not found in: {string.Join(", ", SearchFolders)}. "
                + "Reference the package libtorch-cpu-linux-x64 2.10.0 (or build with -p:TorchBackend=cuda) and run on linux-x64.");
            var libraries = Find("libtorch_cuda.so") is null ? s_cpu : s_cuda;
            foreach (var library in libraries)
                if (Find(library) is { } path)
                    NativeLibrary.Load(path);
            s_handle = LoadWrapper(wrapper);
            ScalarRelease.Defer(s_handle);
            return s_handle;
        }
    }

    private static nint LoadWrapper(string path)
    {
        if (NativeLibrary.TryLoad(path, out var handle))
            return handle;
        var bytes = File.ReadAllBytes(path);
        if (ElfVersionNeeds.Relax(bytes, NewestVersion) == 0)
            return NativeLibrary.Load(path); // another reason: let the loader say it
        var copy = Path.Combine(Path.GetTempPath(), $"LibTorchSharp-{Guid.NewGuid():N}.so");
        try
        {
            File.WriteAllBytes(copy, bytes);
            return NativeLibrary.Load(copy);
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException(
                $"TorchSharp's {Wrapper} does not load on this system, also not with {NewestVersion} made optional: {e.Message} "
                + "Supported: linux-x64 with glibc 2.34 and libstdc++ of GCC 12 (GLIBCXX_3.4.30) or newer.", e);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>Path of a native library; null when it is in none of the folders.</summary>
    internal static string? Find(string file) =>
        SearchFolders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> DefaultFolders()
    {
        var here = Path.GetDirectoryName(typeof(NativeLibraries).Assembly.Location);
        string?[] roots = [AppContext.BaseDirectory, here];
        var search = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return roots.OfType<string>().Where(root => root.Length > 0)
            .SelectMany(root => new[] { root, Path.Combine(root, "runtimes", "linux-x64", "native") })
            .Concat(search).Distinct();
    }

    /// <summary>Returns freed blocks of 1 MiB and more to the system, which keeps the resident set flat over many steps of varying shape.</summary>
    private static void ReturnLargeBlocks()
    {
        const int mmapThreshold = -3;
        try
        {
            _ = mallopt(mmapThreshold, 1 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no mallopt; TorchSharp does not load there anyway and says so.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int mallopt(int parameter, int value);
}
