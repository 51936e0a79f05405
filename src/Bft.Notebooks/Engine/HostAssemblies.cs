using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;

namespace Bft.Notebooks.Engine;

/// <summary>Where assemblies of this process come from: the application's own list, then what the default context has loaded.</summary>
internal static class HostAssemblies
{
    private static readonly string s_frameworkFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static readonly Dictionary<string, string> s_application =
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The class library of .NET, as files for a compiler.</summary>
    public static IEnumerable<string> Framework => s_application.Values.Where(path =>
        IsFramework(path) && Path.GetFileName(path) is { } file
        && (file.StartsWith("System.", StringComparison.Ordinal) || file is "mscorlib.dll" or "netstandard.dll" or "Microsoft.CSharp.dll"));

    /// <summary>The file that the host uses for an assembly name; null when it has none.</summary>
    public static string? Find(string name) =>
        s_application.TryGetValue(name, out var path)
            ? path
            : AssemblyLoadContext.Default.Assemblies.FirstOrDefault(a => HasName(a, name) && !a.IsDynamic && a.Location.Length > 0)?.Location;

    /// <summary>The file and everything it refers to, without the class library of .NET.</summary>
    public static IReadOnlyList<string> Closure(string path)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<string>([path]);
        while (open.TryPop(out var file))
        {
            if (IsFramework(file) || !found.TryAdd(Path.GetFileNameWithoutExtension(file), file))
                continue;
            foreach (var name in ReferencesOf(file))
            {
                var beside = Path.Combine(Path.GetDirectoryName(file)!, name + ".dll");
                if (Find(name) is { } host)
                    open.Push(host);
                else if (File.Exists(beside))
                    open.Push(beside);
            }
        }

        return [.. found.Values];
    }

    /// <summary>Identifies a build of an assembly.</summary>
    public static Guid ModuleVersion(string path)
    {
        using var stream = File.OpenRead(path);
        using var pe = new PEReader(stream);
        var reader = pe.GetMetadataReader();
        return reader.GetGuid(reader.GetModuleDefinition().Mvid);
    }

    private static List<string> ReferencesOf(string path)
    {
        using var stream = File.OpenRead(path);
        using var pe = new PEReader(stream);
        if (!pe.HasMetadata)
            return [];
        var reader = pe.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private static bool IsFramework(string path) => Path.GetDirectoryName(path) == s_frameworkFolder;

    private static bool HasName(Assembly assembly, string name) =>
        string.Equals(assembly.GetName().Name, name, StringComparison.OrdinalIgnoreCase);
}
