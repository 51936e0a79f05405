namespace Bft.Research.Checkpoints;

/// <summary>Writes files and folders so that a reader sees the whole result or nothing: written beside the target, then renamed.</summary>
public static class AtomicOutput
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
            if (Directory.Exists(path))
                Directory.Delete(path);
            Directory.Move(partial, path);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static string Beside(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.partial");
}
