using Bft.Research.Devices;
using Bft.Research.Tests.Checkpoints;

namespace Bft.Research.Tests.Devices;

/// <summary>A folder that stands for the root of a machine.</summary>
internal sealed class MadeUpFiles : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public MadeUpFiles(params (string Path, string Text)[] files)
    {
        Files = new(_folder.Path);
        foreach (var (path, text) in files)
            Write(path, text);
    }

    public HostFiles Files { get; }

    public void Write(string path, string text)
    {
        var full = Path.Combine(_folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public void Remove(string path) => File.Delete(Path.Combine(_folder.Path, path));

    public void Dispose() => _folder.Dispose();
}
