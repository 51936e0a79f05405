using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bft.Notebooks.Engine;

/// <summary>What a restore found on this machine.</summary>
/// <param name="Managed">Assemblies to run, of every package that was asked for and all that those need.</param>
/// <param name="Natives">Native libraries for this machine.</param>
/// <param name="Folders">Folders of the packages.</param>
/// <param name="Notes">What NuGet warned of.</param>
internal sealed record RestoredPackages(IReadOnlyList<string> Managed, IReadOnlyList<string> Natives, IReadOnlyList<string> Folders, IReadOnlyList<string> Notes);

/// <summary>A restore failed; the message is NuGet's, with the package, the version and the sources.</summary>
/// <param name="message">What NuGet says.</param>
/// <param name="unreachable">A feed of the cells that could not be read; null when that is not the reason.</param>
internal sealed class PackageRestoreException(string message, string? unreachable = null) : Exception(message)
{
    public string? Unreachable { get; } = unreachable;
}

/// <summary>Restores packages by <c>dotnet restore</c> of a generated project, so that feeds, credentials and the package cache are those of the user.</summary>
/// <param name="notebookFolder">Where the search for <c>nuget.config</c> begins.</param>
internal sealed partial class PackageRestore(string notebookFolder) : IDisposable
{
    private const string Unreadable = "NU1301";
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("bft-packages-");

    /// <summary>Restores all packages together, so that one version of each is chosen.</summary>
    /// <exception cref="PackageRestoreException">A package cannot be had, versions exclude each other, or there is no SDK.</exception>
    public async Task<RestoredPackages> RestoreAsync(
        IReadOnlyCollection<PackageLine> packages, IReadOnlyCollection<string> sources, CancellationToken cancellationToken)
    {
        Project(packages, sources).Save(Path.Combine(_work.FullName, "packages.csproj"));
        var (exitCode, lines) = await RunAsync(cancellationToken).ConfigureAwait(false);
        var messages = lines.Select(line => Message().Match(line)).Where(match => match.Success).ToList();
        if (exitCode != 0)
            throw new PackageRestoreException(
                string.Join('\n', Texts("error").DefaultIfEmpty(string.Join('\n', lines))),
                sources.FirstOrDefault(source => Texts("error").Any(text => text.StartsWith(Unreadable, StringComparison.Ordinal) && text.Contains(Absolute(source), StringComparison.Ordinal))));
        return Read([.. Texts("warning")]);

        IEnumerable<string> Texts(string level) => messages
            .Where(match => match.Groups["level"].Value == level)
            .Select(match => $"{match.Groups["code"].Value}: {match.Groups["text"].Value}")
            .Distinct();
    }

    public void Dispose()
    {
        try
        {
            _work.Delete(recursive: true);
        }
        catch (IOException)
        {
            // a temporary folder that something still reads
        }
    }

    private XDocument Project(IEnumerable<PackageLine> packages, IReadOnlyCollection<string> sources) => new(
        new XElement("Project",
            new XElement("PropertyGroup",
                new XElement("ImportDirectoryBuildProps", false),
                new XElement("ImportDirectoryBuildTargets", false),
                new XElement("ImportDirectoryPackagesProps", false)),
            new XElement("Import", new XAttribute("Project", "Sdk.props"), new XAttribute("Sdk", "Microsoft.NET.Sdk")),
            new XElement("PropertyGroup",
                new XElement("TargetFramework", $"net{Environment.Version.Major}.{Environment.Version.Minor}"),
                new XElement("RuntimeIdentifier", RuntimeInformation.RuntimeIdentifier),
                new XElement("SelfContained", false),
                new XElement("NuGetAudit", false), // asks the network, also when all packages are here
                new XElement("NoWarn", "NU1510"), // a package that .NET itself contains
                new XElement("RestoreRootConfigDirectory", notebookFolder),
                sources.Count == 0 ? null : new XElement("RestoreAdditionalProjectSources", string.Join(';', sources.Select(Absolute)))),
            new XElement("ItemGroup", packages.Where(package => package.Id is not null).Select(package =>
                new XElement("PackageReference", new XAttribute("Include", package.Id!), new XAttribute("Version", package.Version ?? "*")))),
            new XElement("Import", new XAttribute("Project", "Sdk.targets"), new XAttribute("Sdk", "Microsoft.NET.Sdk"))));

    private string Absolute(string source) => source.Contains("://", StringComparison.Ordinal) ? source : Path.GetFullPath(Path.Combine(notebookFolder, source));

    private async Task<(int ExitCode, List<string> Lines)> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Sdk(), ["restore", "packages.csproj", "--nologo", "--verbosity", "quiet", "--disable-build-servers", "-consoleLoggerParameters:NoSummary"])
        {
            WorkingDirectory = _work.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en"; // the codes are read, and the texts are shown beside English ones
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var inherited in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(inherited); // of a build that runs this process
        using var process = Process.Start(start) ?? throw new PackageRestoreException("dotnet restore did not start.");
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false) + await errors.ConfigureAwait(false);
            return (process.ExitCode, [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Sdk()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!; // <root>/shared/Microsoft.NETCore.App/<version>
        var root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        var dotnet = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(dotnet) && Directory.Exists(Path.Combine(root, "sdk"))
            ? dotnet
            : throw new PackageRestoreException($"Packages need the .NET SDK; {root} has none.");
    }

    private RestoredPackages Read(IReadOnlyList<string> notes)
    {
        var assets = JsonNode.Parse(File.ReadAllText(Path.Combine(_work.FullName, "obj", "project.assets.json")))!;
        var folders = assets["packageFolders"]!.AsObject().Select(folder => folder.Key).ToList();
        var target = assets["targets"]!.AsObject().Single(entry => entry.Key.Contains('/')).Value!.AsObject(); // the one for this machine
        var (managed, natives, packages) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (key, library) in target)
        {
            var path = (string)assets["libraries"]![key]!["path"]!;
            var folder = folders.Select(root => Path.Combine(root, path)).FirstOrDefault(Directory.Exists)
                ?? throw new PackageRestoreException($"{key} was restored and is in none of {string.Join(", ", folders)}.");
            packages.Add(folder);
            managed.AddRange(Files("runtime").Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)));
            natives.AddRange(Files("native"));

            IEnumerable<string> Files(string kind) => (library![kind]?.AsObject() ?? []).Select(entry => Path.Combine(folder, entry.Key)).Where(file => Path.GetFileName(file) != "_._");
        }

        return new RestoredPackages(managed, natives, packages, notes);
    }

    [GeneratedRegex(@"(?<level>error|warning) (?<code>[A-Z]+\d+)\s*: (?<text>.*?)( \[[^\]]*\])?$")]
    private static partial Regex Message();
}
