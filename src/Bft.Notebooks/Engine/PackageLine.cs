namespace Bft.Notebooks.Engine;

/// <summary>What <c>#r "nuget:…"</c> asks for.</summary>
/// <param name="Id">Name of the package; null for a line that only names a source.</param>
/// <param name="Version">Version or range as NuGet writes it; null for the newest release.</param>
/// <param name="Source">A feed, <c>RestoreSources=…</c>; null for none.</param>
internal sealed record PackageLine(string? Id, string? Version, string? Source)
{
    private const string Prefix = "nuget:";
    private static readonly string[] s_keys = ["Include", "Version", "RestoreSources"];

    /// <summary>True for the text of an <c>#r</c> or <c>#i</c> line that is about packages.</summary>
    public static bool IsPackage(string reference) => reference.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The feed that <c>#i "nuget:…"</c> names.</summary>
    public static string SourceOf(string reference) => reference[Prefix.Length..].Trim();

    /// <summary>Reads <c>nuget:Name</c>, <c>nuget:Name, Version</c>, <c>nuget:Include=Name, Version=…</c>.</summary>
    /// <exception cref="CellDirectiveException">It is none of these.</exception>
    public static PackageLine Parse(string reference, int line)
    {
        var values = new Dictionary<string, string>();
        var place = 0;
        foreach (var field in reference[Prefix.Length..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = field.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var text]
                ? (s_keys.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw Wrong($"unknown option '{name}'; the nearest is {NearestName.Of(name, s_keys)}"), text)
                : (place++ switch { 0 => "Include", 1 => "Version", _ => throw Wrong("more than a name and a version") }, field);
            if (!values.TryAdd(key, value))
                throw Wrong($"{key} is given twice");
        }

        var id = values.GetValueOrDefault("Include");
        if (id is null && !values.ContainsKey("RestoreSources"))
            throw Wrong("the name is missing");
        if (id?.Any(c => !char.IsLetterOrDigit(c) && c is not ('.' or '_' or '-')) == true)
            throw Wrong($"'{id}' is not the name of a package");
        return new PackageLine(id, values.GetValueOrDefault("Version"), values.GetValueOrDefault("RestoreSources"));

        CellDirectiveException Wrong(string problem) => new(line, $"#r \"{reference}\": {problem}. Expected: #r \"nuget:Name, Version\"");
    }
}
