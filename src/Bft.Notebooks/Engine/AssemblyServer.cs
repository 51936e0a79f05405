using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Bft.Notebooks.Engine;

/// <summary>Answers the default load context when it looks for what cells have referenced: libraries by path, packages and their natives.</summary>
internal static class AssemblyServer
{
    private static readonly Lock s_gate = new();
    private static readonly List<AssemblyDependencyResolver> s_resolvers = [];
    private static readonly Dictionary<string, string> s_managed = new(StringComparer.OrdinalIgnoreCase);
    private static readonly List<string> s_natives = [];
    private static bool s_listening;

    /// <summary>Serves what a library names in its <c>.deps.json</c>.</summary>
    public static void AddLibrary(string file)
    {
        lock (s_gate)
        {
            Listen();
            s_resolvers.Add(new AssemblyDependencyResolver(file));
        }
    }

    /// <summary>Serves files by their names; the first of a name stays.</summary>
    public static void AddManaged(IEnumerable<string> files)
    {
        lock (s_gate)
        {
            Listen();
            foreach (var file in files)
                s_managed.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }
    }

    /// <summary>Serves native libraries by their names.</summary>
    public static void AddNatives(IEnumerable<string> files)
    {
        lock (s_gate)
        {
            Listen();
            s_natives.AddRange(files.Except(s_natives));
        }
    }

    private static void Listen()
    {
        if (s_listening)
            return;
        s_listening = true;
        AssemblyLoadContext.Default.Resolving += (context, wanted) => wanted.Name is { } name && FindManaged(name, wanted) is { } path
            ? context.LoadFromAssemblyPath(path)
            : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => FindNative(name) is { } path ? LoadNative(path) : 0;
    }

    private static string? FindManaged(string name, System.Reflection.AssemblyName wanted)
    {
        lock (s_gate)
            return s_managed.TryGetValue(name, out var path)
                ? path
                : s_resolvers.Select(resolver => resolver.ResolveAssemblyToPath(wanted)).FirstOrDefault(found => found is not null);
    }

    private static string? FindNative(string name)
    {
        lock (s_gate)
            return s_resolvers.Select(resolver => resolver.ResolveUnmanagedDllToPath(name)).FirstOrDefault(found => found is not null)
                ?? s_natives.FirstOrDefault(file => IsNamed(Path.GetFileName(file), name));
    }

    private static bool IsNamed(string file, string name) =>
        file == name || file == "lib" + name || Path.GetFileNameWithoutExtension(file) is var bare && (bare == name || bare == "lib" + name);

    // The natives of a package may need those of another; what is loaded already is found by the system's loader.
    private static nint LoadNative(string path)
    {
        if (NativeLibrary.TryLoad(path, out var handle))
            return handle;
        List<string> others;
        lock (s_gate)
            others = [.. s_natives.Where(file => file != path)];
        for (var before = int.MaxValue; others.Count < before;)
        {
            before = others.Count;
            others.RemoveAll(file => NativeLibrary.TryLoad(file, out _));
        }

        return NativeLibrary.Load(path);
    }
}
