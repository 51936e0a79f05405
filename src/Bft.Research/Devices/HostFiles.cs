namespace Bft.Research.Devices;

/// <summary>Files in which the operating system describes itself (<c>/proc</c>, <c>/sys</c>, <c>/dev</c>), below a root that tests set.</summary>
/// <param name="root">Folder that stands for <c>/</c>.</param>
internal sealed class HostFiles(string root = "/")
{
    /// <summary>The files of this machine.</summary>
    public static HostFiles System { get; } = new();

    /// <summary>Whether a file, folder or device node is there.</summary>
    /// <param name="path">Without the leading slash.</param>
    public bool Exists(string path) => Path.Exists(Path.Combine(root, path));

    /// <summary>Content of a file; null when it is absent or may not be read.</summary>
    /// <param name="path">Without the leading slash.</param>
    public string? Text(string path)
    {
        try
        {
            var full = Path.Combine(root, path);
            return File.Exists(full) ? File.ReadAllText(full) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Names of what is in a folder, in order; none when it is absent or may not be read.</summary>
    /// <param name="folder">Without the leading slash.</param>
    /// <param name="pattern">File-name pattern.</param>
    public IReadOnlyList<string> Names(string folder, string pattern = "*")
    {
        try
        {
            var full = Path.Combine(root, folder);
            return Directory.Exists(full) ? [.. Directory.EnumerateFileSystemEntries(full, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Value of a line <c>key: value</c> of a file; null when there is none.</summary>
    /// <param name="path">Without the leading slash.</param>
    /// <param name="key">What stands before the colon; white space around it does not count.</param>
    public string? Field(string path, string key) => Fields(path, key).FirstOrDefault();

    /// <summary>Values of all lines <c>key: value</c> of a file.</summary>
    /// <param name="path">Without the leading slash.</param>
    /// <param name="key">What stands before the colon; white space around it does not count.</param>
    public IEnumerable<string> Fields(string path, string key) =>
        from line in (Text(path) ?? "").Split('\n')
        let colon = line.IndexOf(':', StringComparison.Ordinal)
        where colon > 0 && line.AsSpan(0, colon).Trim().SequenceEqual(key)
        select line[(colon + 1)..].Trim();

    /// <summary>A field in kB, as <c>/proc/meminfo</c> and <c>/proc/self/status</c> have it, in bytes; null when it is absent.</summary>
    /// <param name="path">Without the leading slash.</param>
    /// <param name="key">Name of the field.</param>
    public long? KilobytesField(string path, string key) =>
        Field(path, key) is { } value && long.TryParse(value.Split(' ')[0], out var kilobytes) ? kilobytes * 1024 : null;
}
