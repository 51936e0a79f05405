namespace Bft.Notebooks.Files;

/// <summary>Finds the notebooks that a user names.</summary>
public static class NotebookPaths
{
    private const string Pattern = "*.ipynb";

    /// <summary>Files as they are named; of a folder the notebooks in it and below it, in alphabetical order, without those in hidden folders. Each notebook once.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">A folder holds no notebook.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths) => [.. paths.SelectMany(Expand).DistinctBy(Path.GetFullPath)];

    private static IEnumerable<string> Expand(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file or folder.");
        string[] found = [.. Directory.EnumerateFiles(path, Pattern, SearchOption.AllDirectories).Where(file => !IsHidden(path, file)).Order(StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new InvalidDataException($"{path}: there is no notebook ({Pattern}) in this folder.");
    }

    private static bool IsHidden(string folder, string file) =>
        Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'));
}
