namespace Bft.Research.Experiments;

/// <summary>Where an experiment finds things: the folder of the notebooks, and the folder of real data, which may be absent.</summary>
/// <param name="Notebooks">Folder that holds <c>profiles/</c> and <c>mini/</c>.</param>
/// <param name="Data">Folder of data sets and models, as <c>bft data get</c> fills it; null when there is none.</param>
public sealed record ExperimentFolders(string Notebooks, string? Data = null)
{
    private const string DataPrefix = "data:";

    /// <summary>Turns a location of a profile into a path: <c>data:PATH</c> lies below the data folder, any other relative path below the notebooks' folder.</summary>
    /// <exception cref="InvalidDataException">Nothing is there; the message says what to do.</exception>
    public string Resolve(string location)
    {
        var path = Place(location) ?? throw new InvalidDataException(
            $"'{location}' needs a data folder. Set BFT_DATA to it, or run `bft data get {location[DataPrefix.Length..].Split('/')[0]}`, or use the profile mini.");
        return Exists(path) ? path : throw new InvalidDataException($"'{location}': {path} does not exist.");
    }

    /// <summary>A location as <see cref="Resolve"/> takes it, or null when it names nothing or nothing is there.</summary>
    public string? Find(string? location) => location is not null && Place(location) is { } path && Exists(path) ? path : null;

    private string? Place(string location) =>
        !location.StartsWith(DataPrefix, StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(Notebooks, location))
        : Data is null ? null
        : Path.GetFullPath(Path.Combine(Data, location[DataPrefix.Length..]));

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}
