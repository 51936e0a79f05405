using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Bft;

/// <summary>The libraries that a notebook names in its first cell.</summary>
/// <remarks>
/// .NET Interactive loads what a C# cell references into a load context of its own and what an F# cell references into the default one: every library would exist twice, its
/// values could not be shared between the languages, and natives would not be found, because <c>Bft.Research</c> answers for them in the default context. An assembly
/// that the default context has already is taken from there by both. This type stands in an assembly of its own because it has to run before any other is used.
/// </remarks>
public static class Libraries
{
    /// <summary>Loads every library that lies beside this one into the default load context; does nothing where the host has them already, as <c>bft</c> does.</summary>
    /// <remarks>Libraries that the host itself has, such as its F# run time, stay the host's. May be called again.</remarks>
    /// <exception cref="FileLoadException">The host uses another build of a library.</exception>
    public static void LoadOnce()
    {
        var own = typeof(Libraries).Assembly;
        if (AssemblyLoadContext.GetLoadContext(own) == AssemblyLoadContext.Default)
            return;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(own.Location)!, "*.dll").Order(StringComparer.Ordinal))
            if (file != own.Location && !IsHosts(Path.GetFileNameWithoutExtension(file)))
                RuntimeHelpers.RunModuleConstructor(AssemblyLoadContext.Default.LoadFromAssemblyPath(file).ManifestModule.ModuleHandle);
    }

    private static bool IsHosts(string name)
    {
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name)) is not null;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
