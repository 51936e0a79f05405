using Bft.Research.Data.Sources;

namespace Bft.Research.Experiments;

/// <summary>Where an experiment finds things: the folder of the notebooks, and the folder of real data, which need not exist.</summary>
/// <param name="Notebooks">Folder that holds <c>profiles/</c> and <c>mini/</c>.</param>
/// <param name="Data">Folder of data sets and models, as <c>bft data get</c> fills it.</param>
public sealed record ExperimentFolders(string Notebooks, DataFolder Data)
{
    private const string DataPrefix = "data:";

    /// <summary>Turns a location of a profile into a path: <c>data:PATH</c> lies below the data folder, any other relative path below the notebooks' folder.</summary>
    /// <exception cref="FileNotFoundException">Nothing is there in the data folder; the message says which command fetches it.</exception>
    /// <exception cref="InvalidDataException">Nothing is there in the notebooks' folder.</exception>
    public string Resolve(string location)
    {
        if (location.StartsWith(DataPrefix, StringComparison.Ordinal))
            return Data.Require(location[DataPrefix.Length..]);
        return Find(location) ?? throw new InvalidDataException($"'{location}': {Path.Combine(Notebooks, location)} does not exist.");
    }

    /// <summary>A location as <see cref="Resolve"/> takes it, or null when it names nothing or nothing is there. Below <c>data:</c> it may lead to a neighbour of the data folder.</summary>
    public string? Find(string? location)
    {
        if (location is null)
            return null;
        var path = Path.GetFullPath(
            location.StartsWith(DataPrefix, StringComparison.Ordinal) ? Path.Combine(Data.Root, location[DataPrefix.Length..]) : Path.Combine(Notebooks, location));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }
}
