using System.Runtime.InteropServices;

namespace Bft.Research.Checkpoints;

/// <summary>Reads a GGUF file (llama.cpp's format, versions 2 and 3, little endian) through a memory mapping.</summary>
/// <remarks>As in llama.cpp, tensors must follow each other in the order of their records, each at the next multiple of the alignment.</remarks>
public sealed class GgufFile : IDisposable
{
    private const long ChunkValues = 1 << 22;
    private readonly MappedFile _mapped;
    private readonly Dictionary<string, GgufTensorInfo> _byName;

    private GgufFile(MappedFile mapped, GgufHeader header)
    {
        _mapped = mapped;
        Version = header.Version;
        Alignment = header.Alignment;
        DataOffset = header.DataOffset;
        Metadata = new(mapped.Path, header.Pairs);
        Tensors = header.Tensors;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Path of the file.</summary>
    public string Path => _mapped.Path;

    /// <summary>Format version, 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>Alignment of tensor data in bytes.</summary>
    public long Alignment { get; }

    /// <summary>Offset in the file of the first tensor byte.</summary>
    public long DataOffset { get; }

    /// <summary>The key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>All tensors in the order of the file.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">Absent, truncated or not valid; names the field, expected and actual.</exception>
    public static GgufFile Open(string path)
    {
        var mapped = MappedFile.Open(path);
        try
        {
            return new(mapped, GgufHeader.Read(mapped));
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>The record of a tensor, or null.</summary>
    public GgufTensorInfo? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Loads a tensor in the row order of the file; quantised blocks become float32, plain types stay as they are. The caller owns it.</summary>
    /// <exception cref="CheckpointException">No such tensor, or a type without a decoder, which is named.</exception>
    public Tensor Load(string name)
    {
        var info = Find(name) ?? throw new CheckpointException(Path, name, "a tensor of this name", "none");
        if (info.Type.Scalar is { } scalar)
        {
            using var view = _mapped.View(info.FileOffset, info.Shape, scalar);
            return view.clone();
        }

        if (!GgufBlocks.Knows(info.Type))
            throw new CheckpointException(Path, name, "a type that can be read (F32, F16, BF16, F64, Q4_0, Q4_1, Q8_0)", info.Type.Name);
        return Decode(info);
    }

    /// <inheritdoc/>
    public void Dispose() => _mapped.Dispose();

    /// <summary>The first stored bytes of a tensor.</summary>
    internal ReadOnlySpan<byte> StoredBytes(GgufTensorInfo info, int count) => _mapped.Bytes(info.FileOffset, count);

    private Tensor Decode(GgufTensorInfo info)
    {
        using var scope = torch.NewDisposeScope();
        var flat = torch.empty(info.Shape, torch.ScalarType.Float32);
        var values = flat.view(-1);
        var total = values.shape[0];
        for (var start = 0L; start < total; start += ChunkValues)
        {
            var count = Math.Min(ChunkValues, total - start);
            var blocks = count / info.Type.BlockValues * info.Type.BlockBytes;
            var offset = info.FileOffset + start / info.Type.BlockValues * info.Type.BlockBytes;
            using var chunk = values.narrow(0, start, count);
            GgufBlocks.Decode(info.Type, _mapped.Bytes(offset, (int)blocks), MemoryMarshal.Cast<byte, float>(chunk.bytes));
        }

        return flat.MoveToOuterDisposeScope();
    }
}
