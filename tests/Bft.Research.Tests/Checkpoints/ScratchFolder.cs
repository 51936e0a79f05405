using System.Buffers.Binary;
using System.Text;

namespace Bft.Research.Tests.Checkpoints;

/// <summary>A folder of its own for one test, removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bft-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a safetensors file from a header text and data bytes.</summary>
    public string Safetensors(string name, string header, params byte[] data) => Safetensors(name, Encoding.UTF8.GetBytes(header), data);

    /// <summary>Writes a safetensors file from header bytes and data bytes.</summary>
    public string Safetensors(string name, byte[] header, params byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(this[name], [.. length, .. header, .. data]);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
