using System.Text.RegularExpressions;

namespace Bft.Research.Checkpoints;

/// <summary>Writes files and folders so that a reader sees the whole result or nothing: written beside the target, flushed to disk, then renamed.</summary>
/// <remarks>A process that is killed on the way leaves a hidden entry that ends in <c>.partial</c> and nothing under the target's name; <see cref="RemoveLeftovers"/> clears it.</remarks>
public static partial class AtomicOutput
{
    /// <summary>Writes a file; an existing one is replaced in one step. On an exception nothing is left and an existing file is untouched.</summary>
    /// <param name="path">Target; its folder is made when absent.</param>
    /// <param name="write">Writes the content.</param>
    public static void WriteFile(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = Beside(path);
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            DiskFlush.Folder(Path.GetDirectoryName(path)!);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Writes a folder. On an exception nothing is left.</summary>
    /// <param name="path">Target; must be absent or an empty folder.</param>
    /// <param name="write">Fills the folder whose path it is given.</param>
    /// <exception cref="IOException">The target is a file or a folder that is not empty.</exception>
    public static void WriteFolder(string path, Action<string> write)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new IOException($"{path}: expected nothing or an empty folder, found a {(File.Exists(path) ? "file" : "folder with content")}.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = Beside(path);
        try
        {
            Directory.CreateDirectory(partial);
            write(partial);
            DiskFlush.Tree(partial);
            if (Directory.Exists(path))
                Directory.Delete(path);
            Directory.Move(partial, path);
            DiskFlush.Folder(Path.GetDirectoryName(path)!);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>Removes a folder with all it holds; nobody sees half of it under its name.</summary>
    /// <param name="path">The folder; does nothing when it is absent.</param>
    public static void RemoveFolder(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(path))
            return;
        var partial = Beside(path);
        Directory.Move(path, partial);
        Directory.Delete(partial, recursive: true);
    }

    /// <summary>Removes what killed writers left directly in a folder. No other writer may be at work there.</summary>
    /// <param name="folder">The folder; does nothing when it is absent.</param>
    /// <returns>Number of files and folders removed.</returns>
    public static int RemoveLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
            return 0;
        List<string> left = [.. Directory.EnumerateFileSystemEntries(folder).Where(entry => Partial().IsMatch(Path.GetFileName(entry)))];
        foreach (var entry in left)
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }

        return left.Count;
    }

    private static string Beside(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.partial");

    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.partial$", RegexOptions.CultureInvariant)]
    private static partial Regex Partial();
}
