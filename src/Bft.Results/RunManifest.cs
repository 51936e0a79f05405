using System.Text.Json;

namespace Bft.Results;

/// <summary>What ran, on what, with which options, and what came out: enough to repeat the run and to draw its figures.</summary>
public sealed record RunManifest
{
    /// <summary>Version of the file format.</summary>
    public const string SchemaName = "bft-run-1";

    /// <summary>Name and version of the file format, written into the file.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Name of the run.</summary>
    public required string Name { get; init; }

    /// <summary>Scale: <c>mini</c>, <c>gpu</c> or <c>paper</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>The one seed that all randomness derives from.</summary>
    public required long Seed { get; init; }

    /// <summary>Model before the run, or null where none is involved.</summary>
    public ContentIdentity? Model { get; init; }

    /// <summary>Data sets read.</summary>
    public IReadOnlyList<ContentIdentity> Data { get; init; } = [];

    /// <summary>Options by dotted name, see <see cref="FlattenOptions"/>. Written in ordinal order of the names.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new SortedDictionary<string, string>();

    /// <summary>Library versions by name. Written in ordinal order of the names.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new SortedDictionary<string, string>();

    /// <summary>Kind of processor or accelerator, for example <c>CPU, 2 cores</c>; never a machine name.</summary>
    public required string Device { get; init; }

    /// <summary>Wall-clock seconds of the run.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Numbers that came out.</summary>
    public IReadOnlyList<MetricRow> Metrics { get; init; } = [];

    /// <summary>Curves that came out.</summary>
    public IReadOnlyList<Curve> Curves { get; init; } = [];

    /// <summary>All that is wrong: empty names, unknown metrics, curves of unequal lengths, malformed hashes.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        foreach (var (field, text) in new[] { (nameof(Name), Name), (nameof(Profile), Profile), (nameof(Device), Device) })
            if (string.IsNullOrWhiteSpace(text))
                problems.Add($"{field} is empty.");
        if (!(WallSeconds >= 0))
            problems.Add($"{nameof(WallSeconds)} is {WallSeconds}, expected ≥ 0.");
        foreach (var identity in Data.Append(Model).OfType<ContentIdentity>().Where(identity => !IsSha256(identity.Sha256)))
            problems.Add($"Sha256 of '{identity.Id}' is '{identity.Sha256}', expected 64 lower-case hexadecimal digits.");
        foreach (var id in Metrics.Select(row => row.Ours.Metric).Where(id => Results.Metrics.All.All(metric => metric.Id != id)).Distinct())
            problems.Add($"Metric '{id}' is not registered.");
        problems.AddRange(Curves.SelectMany(curve => curve.Validate()));
        return problems;
    }

    /// <summary>The manifest as indented JSON with a final newline. The same manifest gives the same bytes.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Validate"/> found problems.</exception>
    public string ToJson()
    {
        var problems = Validate();
        if (problems.Count > 0)
            throw new InvalidOperationException($"Run manifest '{Name}': {string.Join(" ", problems)}");
        var sorted = this with { Options = Sorted(Options), Versions = Sorted(Versions) };
        return ResultsJson.Write(sorted, indented: true) + "\n";
    }

    /// <summary>Writes <see cref="ToJson"/> to a file; its folder is made when absent.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, ToJson());
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ResultsFormatException">The file does not fit the schema; names the file and the field.</exception>
    public static RunManifest Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Reads the text of a manifest.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">File named in errors.</param>
    /// <exception cref="ResultsFormatException">The text does not fit the schema.</exception>
    public static RunManifest Parse(string json, string origin = "run manifest")
    {
        var manifest = ResultsJson.Read<RunManifest>(json, origin, SchemaName);
        var problems = manifest.Validate();
        return problems.Count == 0 ? manifest : throw new ResultsFormatException(origin, "$", string.Join(" ", problems));
    }

    /// <summary>An options record as dotted names and values, for example <c>optimizer.learningRate</c> → <c>0.0002</c>.</summary>
    public static IReadOnlyDictionary<string, string> FlattenOptions(object options)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten("", ResultsJson.Element(options), flat);
        return flat;
    }

    private static void Flatten(string name, JsonElement element, SortedDictionary<string, string> flat)
    {
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject())
                Flatten(name.Length == 0 ? property.Name : $"{name}.{property.Name}", property.Value, flat);
        else
            flat[name] = element.ToString();
    }

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string> table) =>
        new(table.ToDictionary(entry => entry.Key, entry => entry.Value), StringComparer.Ordinal);

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
