using System.Diagnostics;
using System.Text.Json;
using Bft.Tests;

namespace Bft.Architecture.Tests;

/// <summary>One property swaps libtorch for the whole build. The CUDA package is not restored here; the evaluated list of packages is read.</summary>
public class TorchBackendTests
{
    [Fact]
    public void The_default_build_asks_for_the_cpu_libtorch_and_no_cuda()
    {
        var packages = Packages();
        Assert.Contains("libtorch-cpu-linux-x64", packages);
        Assert.DoesNotContain(packages, package => package.Contains("cuda", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void TorchBackend_cuda_swaps_in_the_cuda_package()
    {
        var packages = Packages("-p:TorchBackend=cuda");
        Assert.Contains("TorchSharp-cuda-linux", packages);
        Assert.DoesNotContain("libtorch-cpu-linux-x64", packages);
    }

    [Fact]
    public void Only_one_project_file_names_libtorch()
    {
        var naming = Directory.EnumerateFiles(Checkout.Root, "*.*proj", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains("libtorch", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["Bft.Research.csproj"], naming.Select(Path.GetFileName));
    }

    private static List<string> Packages(params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(Checkout.Root, "src", "Bft.Research"), "-getItem:PackageReference", .. options])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var json = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
    }
}
