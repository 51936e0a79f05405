using System.Reflection;

namespace Bft.Notebooks.Engine;

/// <summary>The packages of a session: what <c>#r "nuget:…"</c> and <c>#i "nuget:…"</c> lines have asked for so far.</summary>
internal sealed class PackageReferences(string folder) : IDisposable
{
    private readonly Dictionary<string, PackageLine> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _sources = [];
    private readonly HashSet<string> _seen = [];
    private PackageRestore? _restore;

    /// <summary>Adds a feed for later restores: an address, or a folder relative to the notebook.</summary>
    public void AddSource(string source)
    {
        if (!_sources.Contains(source))
            _sources.Add(source);
    }

    /// <summary>Gets packages that are not there yet, together with all that were asked for before.</summary>
    /// <param name="lines">What a cell asks for, with the lines for messages.</param>
    /// <param name="cancellationToken">Ends the restore.</param>
    /// <exception cref="CellDirectiveException">A package cannot be had.</exception>
    public async Task<PackageAssemblies> GetAsync(IReadOnlyList<ReferencePart> lines, CancellationToken cancellationToken)
    {
        var (notes, paths) = (new List<string>(), new List<string>());
        var wanted = new Dictionary<string, PackageLine>(_asked, StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            var package = PackageLine.Parse(line.Reference, line.Line);
            if (package.Source is not null)
                AddSource(package.Source);
            if (package.Id is null)
                continue;
            if (HostPackages.Find(package.Id) is { } host && host.Satisfies(package.Version))
                paths.AddRange(OfHost(package, host, notes));
            else if (!wanted.TryGetValue(package.Id, out var before))
                wanted.Add(package.Id, package);
            else if (package.Version is not null && before.Version is not null && package.Version != before.Version)
                throw new CellDirectiveException(line.Line, $"#r \"{line.Reference}\": {before.Id} {before.Version} is loaded. Restart the kernel to use another version.");
        }

        if (wanted.Count == _asked.Count)
            return new PackageAssemblies(paths, [], notes);
        var restored = await RestoreAsync(wanted.Values, lines[0], notes, cancellationToken).ConfigureAwait(false);
        foreach (var (id, package) in wanted)
            _asked[id] = package;
        paths.AddRange(Take(restored, notes));
        return new PackageAssemblies(paths, [.. restored.Folders.Where(_seen.Add)], [.. restored.Notes, .. notes]);
    }

    public void Dispose() => _restore?.Dispose();

    // Old notebooks name feeds that are gone; the packages have long been elsewhere.
    private async Task<RestoredPackages> RestoreAsync(
        IReadOnlyCollection<PackageLine> packages, ReferencePart line, List<string> notes, CancellationToken cancellationToken)
    {
        _restore ??= new PackageRestore(folder);
        while (true)
        {
            try
            {
                return await _restore.RestoreAsync(packages, _sources, cancellationToken).ConfigureAwait(false);
            }
            catch (PackageRestoreException e) when (e.Unreachable is { } source && _sources.Remove(source))
            {
                notes.Add($"The feed {source} cannot be reached and is left out.");
            }
            catch (PackageRestoreException e)
            {
                throw new CellDirectiveException(line.Line, $"#r \"{line.Reference}\": {e.Message}");
            }
        }
    }

    private static IEnumerable<string> OfHost(PackageLine asked, HostPackage host, List<string> notes)
    {
        if (asked.Version is { } version && !version.Contains('*') && version != host.Version && asked.Id!.Equals(host.Id, StringComparison.OrdinalIgnoreCase))
            notes.Add($"{host.Id} {version} is asked for; the host runs {host.Version}, which is used.");
        return host.Assemblies.Select(HostAssemblies.Find).OfType<string>().SelectMany(HostAssemblies.Closure);
    }

    // An assembly that the host has is the host's copy: the default context holds one of a name.
    private static List<string> Take(RestoredPackages restored, List<string> notes)
    {
        var paths = new List<string>();
        foreach (var file in restored.Managed)
        {
            var name = AssemblyName.GetAssemblyName(file);
            if (HostAssemblies.Find(name.Name!) is not { } host)
            {
                paths.Add(file);
                continue;
            }

            if (AssemblyName.GetAssemblyName(host).Version < name.Version)
                notes.Add($"{name.Name} {name.Version} is needed; the host runs {AssemblyName.GetAssemblyName(host).Version}, which is used.");
            paths.Add(host);
        }

        AssemblyServer.AddManaged(paths);
        AssemblyServer.AddNatives(restored.Natives);
        return paths;
    }
}

/// <summary>What packages bring for the compilers.</summary>
/// <param name="Paths">Assemblies.</param>
/// <param name="Folders">Folders of packages that are new.</param>
/// <param name="Notes">For the reader.</param>
internal sealed record PackageAssemblies(IReadOnlyList<string> Paths, IReadOnlyList<string> Folders, IReadOnlyList<string> Notes);
