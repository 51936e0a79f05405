using System.IO.Compression;
using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Packages from a feed in a folder, with a package cache of the notebook's own: no network, and nothing left in the user's cache.</summary>
/// <remarks>Each restore starts the SDK, a second or two.</remarks>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_package_comes_with_what_it_needs_managed_and_native_in_both_languages()
    {
        var inner = SampleLibrary.CompileTo(_folder, "Bft.Sample.Inner", """
            using System.Runtime.InteropServices;
            namespace Sample.Packages;
            public static class Inner
            {
                [DllImport("bftsample", EntryPoint = "CompressionNative_Crc32")] private static extern unsafe uint Crc32(uint crc, byte* data, int length);
                public static unsafe uint Sum(byte value) => Crc32(0, &value, 1);
            }
            """);
        var outer = SampleLibrary.CompileTo(_folder, "Bft.Sample.Outer", "namespace Sample.Packages; public static class Outer { public static int Calls; public static uint Sum() { Calls++; return Inner.Sum(97); } }", inner);
        var native = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.IO.Compression.Native.so");
        Pack("Bft.Sample.Inner", "1.0.0", "", ("lib/net8.0/Bft.Sample.Inner.dll", inner), ("runtimes/linux-x64/native/libbftsample.so", native));
        Pack("Bft.Sample.Outer", "1.2.0", "<dependency id=\"Bft.Sample.Inner\" version=\"1.0.0\" />", ("lib/netstandard2.0/Bft.Sample.Outer.dll", outer));
        using var session = await StartAsync();
        const string Crc32OfA = "3904355907";
        var cell = await RunAsync(session, "#r \"nuget:Bft.Sample.Outer, 1.2.0\"\nusing Sample.Packages;\nOuter.Sum()");
        Assert.Equal((null, Crc32OfA), (cell.Error?.Message, cell.Result));
        cell = await RunAsync(session, "#!fsharp\n#r \"nuget: Bft.Sample.Outer\"\nopen Sample.Packages\nOuter.Sum() |> ignore\nOuter.Calls");
        Assert.Equal((null, "2"), (cell.Error?.Message, cell.Result)); // one copy for both
        cell = await RunAsync(session, "\n#r \"nuget:Bft.Sample.Outer, 1.3.0\"");
        Assert.Contains("Bft.Sample.Outer 1.2.0 is loaded. Restart the kernel", cell.Error?.Message);
        Assert.Equal(2, cell.Error?.Line);
    }

    [Fact]
    public async Task What_cannot_be_had_is_said_with_package_version_and_source()
    {
        Pack("Bft.Sample.Only", "1.0.0", "");
        using var session = await StartAsync();
        var cell = await RunAsync(session, "#r \"nuget:Bft.Sample.Absent, 1.0.0\"\n1");
        Assert.Equal(CellError.Directive, cell.Error?.Name);
        foreach (var part in new[] { "#r \"nuget:Bft.Sample.Absent, 1.0.0\"", "NU1101", "Bft.Sample.Absent", "the-only-feed" })
            Assert.Contains(part, cell.Error!.Message);
        Assert.Null(cell.Result);
        cell = await RunAsync(session, "#r \"nuget:Bft.Sample.Only, 7.0.0\"");
        Assert.Contains("NU1102", cell.Error?.Message);
        Assert.Contains("7.0.0", cell.Error?.Message);
        Assert.Equal("2", (await RunAsync(session, "1 + 1")).Result);
    }

    [Fact]
    public async Task A_cell_may_name_a_feed()
    {
        var feed = Directory.CreateDirectory(Path.Combine(_folder, "other-feed")).FullName;
        var library = SampleLibrary.CompileTo(_folder, "Bft.Sample.Fed", "namespace Sample.Packages; public static class Fed { public static int Value => 11; }");
        Pack("Bft.Sample.Fed", "2.0.0", "", feed, ("lib/net10.0/Bft.Sample.Fed.dll", library));
        using var session = await StartAsync();
        var cell = await RunAsync(session, "#i \"nuget:other-feed\"\n#r \"nuget:Bft.Sample.Fed\"\nSample.Packages.Fed.Value");
        Assert.Equal((null, "11"), (cell.Error?.Message, cell.Result));
        Pack("Bft.Sample.Only", "1.0.0", "");
        cell = await RunAsync(session, "#i \"nuget:feed-that-is-gone\"\n#r \"nuget:Bft.Sample.Only, 1.0.0\"\n1");
        Assert.Equal((null, "1"), (cell.Error?.Message, cell.Result));
        Assert.Contains("feed-that-is-gone cannot be reached and is left out", cell.StandardError);
    }

    [Fact]
    public async Task A_package_of_the_host_needs_no_restore()
    {
        using var session = await StartAsync();
        var cell = await RunAsync(session, "#!fsharp\n#r \"nuget: Plotly.NET, 6.0.0\"\n#r \"nuget: Plotly.NET.Interactive, 6.0.0\"\nopen Plotly.NET\nChart.Line(x = [1; 2], y = [3; 4]) |> GenericChart.toFigureJson |> String.length > 0");
        Assert.Equal((null, "True", ""), (cell.Error?.Message, cell.Result, cell.StandardError));
        cell = await RunAsync(session, "#r \"nuget:Plotly.NET, 4.0.0\"\ntypeof(Plotly.NET.GenericChart).Assembly.GetName().Version.Major");
        Assert.Equal("6", cell.Result);
        Assert.Contains("Plotly.NET 4.0.0 is asked for; the host runs 6.0.0", cell.StandardError);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("*-*", true)]
    [InlineData("6.0.0", true)]
    [InlineData("6.0.0-preview.4", true)]
    [InlineData("5.1", true)]
    [InlineData("[4.0.0, 5.0.0)", true)]
    [InlineData("6.0.1", false)]
    [InlineData("10.0.0", false)]
    public void The_host_stands_in_for_versions_that_are_not_newer(string? version, bool expected) =>
        Assert.Equal(expected, new HostPackage("P", "6.0.0", []).Satisfies(version));

    private async Task<INotebookSession> StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "feed"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), """
            <configuration>
              <packageSources><clear /><add key="the-only-feed" value="feed" /></packageSources>
              <config><add key="globalPackagesFolder" value="cache" /></config>
            </configuration>
            """);
        return await NotebookSession.StartAsync(new SessionOptions { WorkingFolder = _folder }, CancellationToken.None);
    }

    private static async Task<RecordingSink> RunAsync(INotebookSession session, string code)
    {
        var sink = new RecordingSink();
        await session.SubmitAsync(new CellRequest(code, 1), sink, CancellationToken.None);
        return sink;
    }

    private void Pack(string id, string version, string dependencies, params (string Path, string File)[] files) =>
        Pack(id, version, dependencies, Directory.CreateDirectory(Path.Combine(_folder, "feed")).FullName, files);

    private static void Pack(string id, string version, string dependencies, string feed, params (string Path, string File)[] files)
    {
        using var package = ZipFile.Open(Path.Combine(feed, $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using (var writer = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
            writer.Write($"<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><id>{id}</id><version>{version}</version>"
                + $"<authors>tests</authors><description>a sample</description><dependencies>{dependencies}</dependencies></metadata></package>");
        foreach (var (path, file) in files)
            package.CreateEntryFromFile(file, path);
    }
}
