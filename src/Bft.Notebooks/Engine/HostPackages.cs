using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Engine;

/// <summary>The packages that the host itself was built with. A cell that asks for one gets the host's copy, without a restore and without a network.</summary>
internal static class HostPackages
{
    // What a package is for when the host does that itself.
    private static readonly Dictionary<string, string> s_standIns = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Plotly.NET.Interactive"] = "Plotly.NET",
        ["Microsoft.DotNet.Interactive.Formatting"] = "Microsoft.DotNet.Interactive",
    };

    private static readonly Lazy<Dictionary<string, HostPackage>> s_packages = new(Read);

    /// <summary>Finds a package by its name, in any case.</summary>
    public static HostPackage? Find(string id) =>
        s_packages.Value.GetValueOrDefault(id) ?? (s_standIns.TryGetValue(id, out var other) ? s_packages.Value.GetValueOrDefault(other) : null);

    private static Dictionary<string, HostPackage> Read()
    {
        var packages = new Dictionary<string, HostPackage>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in ((string?)AppContext.GetData("APP_CONTEXT_DEPS_FILES") ?? "").Split(Path.PathSeparator, ';').Where(File.Exists))
            foreach (var (key, library) in Targets(file))
                if (key.Split('/') is [var id, var version] && library?["runtime"] is JsonObject runtime)
                    packages.TryAdd(id, new HostPackage(id, version, [.. runtime.Select(entry => Path.GetFileNameWithoutExtension(entry.Key))]));
        return packages;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Targets(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file))?["targets"]?.AsObject().SelectMany(target => target.Value!.AsObject()) ?? [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException)
        {
            return [];
        }
    }
}

/// <summary>A package of the host.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">The version that runs.</param>
/// <param name="Assemblies">Names of its assemblies.</param>
internal sealed record HostPackage(string Id, string Version, IReadOnlyList<string> Assemblies)
{
    /// <summary>True when the host's version does for what was asked: no version, a range with a star, or one that is not newer.</summary>
    public bool Satisfies(string? version) =>
        version is null || version.Contains('*') || Compare(version.Trim('[', ']', '(', ')', ' ').Split(',')[0]) >= 0;

    private int Compare(string asked)
    {
        // A pre-release counts as the release that it precedes: the host has the release.
        return Parse(Version).CompareTo(Parse(asked));

        static Version Parse(string text) =>
            System.Version.TryParse(text.Split('-', '+')[0], out var parsed) ? new Version(parsed.Major, parsed.Minor, Math.Max(parsed.Build, 0)) : new Version(0, 0, 0);
    }
}
