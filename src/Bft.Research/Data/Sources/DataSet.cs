namespace Bft.Research.Data.Sources;

/// <summary>A file that its authors publish.</summary>
/// <param name="Source">Where it is published; a commit is pinned where the publisher allows it.</param>
/// <param name="Target">Where it goes below the data folder, with forward slashes.</param>
/// <param name="Bytes">Its size, or null when it is not pinned.</param>
/// <param name="Sha256">Its checksum in hexadecimal, or null when it is not pinned.</param>
public sealed record DataFile(Uri Source, string Target, long? Bytes, string? Sha256);

/// <summary>A data set or model with its official sources.</summary>
public sealed record DataSet
{
    /// <summary>Name to ask for it by.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required string About { get; init; }

    /// <summary>Its licences; to be shown before it is fetched.</summary>
    public required string Licence { get; init; }

    /// <summary>Pages of its authors.</summary>
    public required IReadOnlyList<Uri> Pages { get; init; }

    /// <summary>The published files.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Files of this set that were derived from published ones and cannot be fetched, below the data folder.</summary>
    public IReadOnlyList<string> MadeHere { get; init; } = [];

    /// <summary>Bytes of all files whose size is known.</summary>
    public long KnownBytes => Files.Sum(file => file.Bytes ?? 0);
}
