using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Bft.Notebooks.Engine;

/// <summary>What an <c>#r</c> line means.</summary>
/// <param name="Paths">Files for the compilers: the assembly and all it refers to.</param>
/// <param name="Warning">Said to the reader; null when all is well.</param>
internal sealed record LibraryReference(IReadOnlyList<string> Paths, string? Warning);

/// <summary>Resolves <c>#r</c> lines so that every assembly exists once in the process, in the default load context.</summary>
/// <remarks>
/// C# script would load a file into a context of its own and F# into the default one; the same library would exist twice and its values could not be
/// shared. An assembly that the host has, by name, is therefore always the host's copy, wherever the line points.
/// </remarks>
internal sealed partial class LibraryReferences(string folder)
{
    /// <summary>Resolves one line and loads the assembly where the host does not have it.</summary>
    /// <exception cref="CellDirectiveException">Nothing fits.</exception>
    public LibraryReference Resolve(string reference, int line)
    {
        if (Scheme().IsMatch(reference))
            throw new CellDirectiveException(line, $"#r \"{reference}\": expected a .dll file, the name of an assembly of the host, or nuget:Name, Version.");
        var isFile = reference.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var name = isFile ? Path.GetFileNameWithoutExtension(reference) : reference;
        var file = isFile ? Path.GetFullPath(Path.Combine(folder, reference)) : null;
        var exists = file is not null && File.Exists(file);
        if (HostAssemblies.Find(name) is { } host)
        {
            var warning = exists ? Compare(reference, file!, host) : null;
            Initialise(AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name)));
            return new LibraryReference(HostAssemblies.Closure(host), warning);
        }

        if (!exists)
            throw new CellDirectiveException(line,
                $"#r \"{reference}\": the host has no assembly named {name}{(isFile ? ", and there is no such file" : "")}.");
        return new LibraryReference(Load(file!), null);
    }

    private static string? Compare(string reference, string file, string host) =>
        file == host || HostAssemblies.ModuleVersion(file) == HostAssemblies.ModuleVersion(host)
            ? null
            : $"#r \"{reference}\" is another build than the one that runs this notebook; the running one is used. Rebuild with: dotnet build -c Release";

    private static IReadOnlyList<string> Load(string file)
    {
        AssemblyServer.AddLibrary(file);
        var closure = HostAssemblies.Closure(file);
        AssemblyServer.AddManaged(closure);
        Initialise(AssemblyLoadContext.Default.LoadFromAssemblyPath(file));
        return closure;
    }

    // Two letters at least: C:\x.dll is a file.
    [System.Text.RegularExpressions.GeneratedRegex("^[A-Za-z]{2,}:")]
    private static partial System.Text.RegularExpressions.Regex Scheme();

    /// <summary>Runs the module initialiser now: a library may have to set up natives before a cell uses what it depends on.</summary>
    public static void Initialise(Assembly assembly) => RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
}
