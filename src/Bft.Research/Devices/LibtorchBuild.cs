using System.Text.RegularExpressions;

namespace Bft.Research.Devices;

/// <summary>The libtorch that this process computes with.</summary>
/// <param name="Version">Version, for example 2.10.0.</param>
/// <param name="Folder">Where it was found.</param>
/// <param name="HasCuda">Whether it is a build for CUDA.</param>
/// <param name="CudaVersion">CUDA that it was built for, as far as the names of its libraries say: 12.8 or 12; null for a CPU build or when they do not.</param>
/// <param name="CudaDevices">Cards that it can use.</param>
public sealed partial record LibtorchBuild(string Version, string Folder, bool HasCuda, string? CudaVersion, int CudaDevices)
{
    /// <summary>The build of this process; loads it.</summary>
    /// <exception cref="DllNotFoundException">It does not load; the message names the fix.</exception>
    public static LibtorchBuild Loaded()
    {
        NativeLibraries.EnsureLoaded();
        var folder = Path.GetDirectoryName(NativeLibraries.Find("libtorch_cpu.so")) ?? "";
        var hasCuda = NativeLibraries.Find("libtorch_cuda.so") is not null;
        return new(torch.__version__, folder, hasCuda, hasCuda ? VersionOf(NamesIn(folder)) : null, torch.cuda.is_available() ? torch.cuda.device_count() : 0);
    }

    /// <summary>The version in the names of CUDA's libraries, most exact first.</summary>
    internal static string? VersionOf(IReadOnlyCollection<string> files) =>
        files.Select(name => Builtins().Match(name)).FirstOrDefault(match => match.Success)?.Groups[1].Value
        ?? files.Select(name => Runtime().Match(name)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    private static string[] NamesIn(string folder) => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))] : [];

    [GeneratedRegex(@"^libnvrtc-builtins[^/]*\.so\.(\d+\.\d+)")]
    private static partial Regex Builtins();

    [GeneratedRegex(@"^libcudart[^/]*\.so\.(\d+(\.\d+)?)")]
    private static partial Regex Runtime();
}
