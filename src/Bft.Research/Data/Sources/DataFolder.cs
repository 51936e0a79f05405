namespace Bft.Research.Data.Sources;

/// <summary>The folder that holds data sets and models.</summary>
/// <param name="root">Full path of the folder; it need not exist yet.</param>
public sealed class DataFolder(string root)
{
    /// <summary>Full path of the folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The folder to use: the one configured, or <c>bft/data</c> in the user's cache.</summary>
    /// <param name="configured">What the caller read from its settings, or null or empty. Libraries read no environment variable.</param>
    /// <param name="userCache">The user's folder for local data; null for the system's, also where it does not exist yet.</param>
    public static DataFolder Resolve(string? configured, string? userCache = null) => new(!string.IsNullOrWhiteSpace(configured)
        ? configured
        : Path.Combine(userCache ?? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "bft", "data"));

    /// <summary>Full path of a file or folder below the data folder.</summary>
    /// <exception cref="ArgumentException">The name leads out of the folder.</exception>
    public string PathOf(string target)
    {
        var path = Path.GetFullPath(Path.Combine(Root, target));
        return path.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"Expected a path below {Root}, actual \"{target}\".", nameof(target));
    }

    /// <summary>Full path of a file or folder that must be there.</summary>
    /// <exception cref="FileNotFoundException">It is not; the message says which command fetches it.</exception>
    public string Require(string target)
    {
        var path = PathOf(target);
        if (File.Exists(path) || Directory.Exists(path))
            return path;
        var cure = SetOf(target) is { } set ? $"Fetch it with: bft data get {set.Name}" : "It cannot be fetched.";
        throw new FileNotFoundException($"{path} is missing. {cure}", path);
    }

    /// <summary>The set of the catalogue that a file or folder below the data folder comes with; null when no set has it.</summary>
    public static DataSet? SetOf(string target) => DataCatalogue.Default.Sets.FirstOrDefault(
        set => set.Files.Any(file => file.Target == target || file.Target.StartsWith(target + "/", StringComparison.Ordinal)));

    /// <summary>Whether a file is there with the size it should have. Checksums are compared when a file is fetched.</summary>
    public bool Has(DataFile file)
    {
        var found = new FileInfo(PathOf(file.Target));
        return found.Exists && (file.Bytes is null || file.Bytes == found.Length);
    }
}
