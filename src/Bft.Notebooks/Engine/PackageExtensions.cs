using System.Reflection;
using System.Runtime.Loader;
using Microsoft.DotNet.Interactive;

namespace Bft.Notebooks.Engine;

/// <summary>What packages bring for .NET Interactive: assemblies in <c>interactive-extensions/dotnet</c> that register formatters.</summary>
internal static class PackageExtensions
{
    /// <summary>Loads them; an extension that does not fit is said and left out.</summary>
    public static async Task<IReadOnlyList<string>> LoadAsync(IEnumerable<string> packageFolders, CellLanguages languages)
    {
        var problems = new List<string>();
        foreach (var file in packageFolders.Select(folder => Path.Combine(folder, "interactive-extensions", "dotnet")).Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.dll")))
        {
            try
            {
                foreach (var extension in Extensions(file))
                    await languages.LoadAsync(extension).ConfigureAwait(false);
            }
            catch (Exception e) // code of the package, written for another version
            {
                problems.Add($"{Path.GetFileName(file)} does not fit this kernel and is left out: {(e is TargetInvocationException { InnerException: { } inner } ? inner : e).Message}");
            }
        }

        return problems;
    }

    private static IEnumerable<IKernelExtension> Extensions(string file)
    {
        AssemblyServer.AddManaged([file]);
        return AssemblyLoadContext.Default.LoadFromAssemblyPath(file).GetExportedTypes()
            .Where(type => type is { IsAbstract: false, IsClass: true } && typeof(IKernelExtension).IsAssignableFrom(type) && type.GetConstructor([]) is not null)
            .Select(type => (IKernelExtension)Activator.CreateInstance(type)!);
    }
}
