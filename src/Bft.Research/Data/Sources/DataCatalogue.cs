using System.Text.Json;

namespace Bft.Research.Data.Sources;

/// <summary>The data sets and models that this project uses, with their official sources.</summary>
public sealed class DataCatalogue
{
    private DataCatalogue(IReadOnlyList<DataSet> sets) => Sets = sets;

    /// <summary>The catalogue that comes with the library.</summary>
    public static DataCatalogue Default { get; } = Read();

    /// <summary>All sets, by name.</summary>
    public IReadOnlyList<DataSet> Sets { get; }

    /// <summary>A set by its name.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists the names.</exception>
    public DataSet Find(string name) =>
        Sets.FirstOrDefault(set => set.Name == name)
            ?? throw new ArgumentException($"Expected one of {string.Join(", ", Sets.Select(set => set.Name))}, actual \"{name}\".", nameof(name));

    private static DataCatalogue Read()
    {
        using var stream = typeof(DataCatalogue).Assembly.GetManifestResourceStream("data-catalogue.json")!;
        using var document = JsonDocument.Parse(stream);
        return new([.. document.RootElement.GetProperty("sets").EnumerateArray().Select(ReadSet).OrderBy(set => set.Name, StringComparer.Ordinal)]);
    }

    private static DataSet ReadSet(JsonElement set) => new()
    {
        Name = set.GetProperty("name").GetString()!,
        About = set.GetProperty("about").GetString()!,
        Licence = set.GetProperty("licence").GetString()!,
        Pages = [.. set.GetProperty("pages").EnumerateArray().Select(page => new Uri(page.GetString()!))],
        Files = [.. set.GetProperty("sources").EnumerateArray().SelectMany(ReadFiles)],
        MadeHere = set.TryGetProperty("madeHere", out var made) ? [.. made.EnumerateArray().Select(name => name.GetString()!)] : [],
    };

    private static IEnumerable<DataFile> ReadFiles(JsonElement source)
    {
        var at = source.GetProperty("at").GetString()!;
        return source.GetProperty("files").EnumerateArray().Select(file => new DataFile(
            new(at + file.GetProperty("from").GetString()),
            file.GetProperty("to").GetString()!,
            file.TryGetProperty("bytes", out var bytes) ? bytes.GetInt64() : null,
            file.TryGetProperty("sha256", out var sha256) ? sha256.GetString() : null));
    }
}
