using System.Diagnostics;
using System.Reflection;
using System.Security;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Our packages, packed from what is built, in a folder with a <c>nuget.config</c> that names it.</summary>
/// <remarks>
/// Packages beside ours come from the user's package cache, which is only read; ours are unpacked into a folder of the test, so that no cache keeps an older build.
/// </remarks>
public sealed class PackageFeed : IDisposable
{
    /// <summary>Names of the packages, each after the project that it is made of.</summary>
    internal static readonly string[] Packages = ["Bft.Results", "Bft.Research", "Bft.Figures", "Bft.Notebooks"];

    private static readonly string s_configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
    private readonly ScratchFolder _folder = new();

    public PackageFeed()
    {
        foreach (var package in Packages)
            Dotnet(Checkout.Root, "pack", Path.Combine("src", package), "-c", s_configuration, "--no-build", "-o", _folder["feed"]);
        File.WriteAllText(_folder["nuget.config"], $"""
            <configuration>
              <packageSources><add key="bft" value="{Xml(_folder["feed"])}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{Xml(_folder["packages"])}" /></config>
              <fallbackPackageFolders><add key="cache" value="{Xml(Cache)}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>The folder; the packages are in <c>feed</c>.</summary>
    internal ScratchFolder Folder => _folder;

    /// <summary>Version of every package.</summary>
    internal static string Version => typeof(Verb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string Cache =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs the SDK in a folder and gives what it printed.</summary>
    internal static string Dotnet(string folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", args) { WorkingDirectory = folder };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        var outcome = CommandLine.Start(start, "");
        Assert.True(outcome.Code == 0, $"dotnet {string.Join(' ', args)}: {outcome.Output}{outcome.Error}");
        return outcome.Output;
    }

    private static string Xml(string text) => SecurityElement.Escape(text);
}
