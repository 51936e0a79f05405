using System.Runtime.InteropServices;

namespace Bft.Research.Checkpoints;

/// <summary>Makes what was written outlast a loss of power: fsync of files and of the folders that name them.</summary>
internal static class DiskFlush
{
    private const int InvalidArgument = 22; // of a file system that cannot do it for folders

    /// <summary>Flushes a file.</summary>
    public static void File(string path)
    {
        using var handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Flushes the entries of a folder: which names it holds. Does nothing beyond Unix, where a rename is durable by itself or not at all.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = open(path, 0);
        if (descriptor < 0)
            throw new IOException($"{path}: cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        var failed = fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument;
        _ = close(descriptor);
        if (failed)
            throw new IOException($"{path}: cannot be flushed to disk.");
    }

    /// <summary>Flushes all files and folders under a folder, and the folder itself.</summary>
    public static void Tree(string path)
    {
        foreach (var file in Directory.EnumerateFiles(path))
            File(file);
        foreach (var folder in Directory.EnumerateDirectories(path))
            Tree(folder);
        Folder(path);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
