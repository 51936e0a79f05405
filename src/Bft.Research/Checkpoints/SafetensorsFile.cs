namespace Bft.Research.Checkpoints;

/// <summary>Reads a safetensors file through a memory mapping: opening costs the header only, pages come in when a tensor is read.</summary>
/// <remarks>
/// Everything the header says is checked before any tensor is made. Do not shorten the file while it is open: reading a page that is gone ends the
/// process.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _mapped;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile mapped, SafetensorsHeader header)
    {
        _mapped = mapped;
        _header = header;
        Names = [.. header.Entries.Keys];
    }

    /// <summary>Path of the file.</summary>
    public string Path => _mapped.Path;

    /// <summary>Tensor names in the order of the header.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Dtype, shape and place of every tensor.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The writer's free text (<c>__metadata__</c>); empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file is absent or not a valid safetensors file; names the field, expected and actual.</exception>
    public static SafetensorsFile Open(string path)
    {
        var mapped = MappedFile.Open(path);
        try
        {
            var start = mapped.Bytes(0, (int)Math.Min(mapped.Length, SafetensorsHeader.LengthBytes));
            var length = SafetensorsHeader.ReadLength(path, start, mapped.Length);
            var json = mapped.Bytes(SafetensorsHeader.LengthBytes, length).ToArray();
            return new(mapped, SafetensorsHeader.Parse(path, json, mapped.Length));
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>A copy of a tensor, on the CPU, in the stored dtype; the caller owns it.</summary>
    /// <exception cref="CheckpointException">No such tensor, or a dtype that TorchSharp lacks.</exception>
    public Tensor Load(string name)
    {
        var (entry, dtype) = Find(name);
        using var view = Map(entry, dtype);
        return view.clone();
    }

    /// <summary>
    /// A tensor on the mapped pages, without a copy, in the stored dtype. It stays valid after <see cref="Dispose"/>. Writing to it ends the process.
    /// </summary>
    /// <exception cref="CheckpointException">No such tensor, a dtype that TorchSharp lacks, or data that are not aligned to their element size (use <see cref="Load"/>).</exception>
    public Tensor View(string name)
    {
        var (entry, dtype) = Find(name);
        var at = _header.DataStart + entry.Begin;
        if (entry.Begin < entry.End && at % (entry.Dtype.Bits / 8) != 0)
            throw new CheckpointException(Path, name, $"data aligned to {entry.Dtype.Bits / 8} bytes", $"byte {at} of the file");
        return Map(entry, dtype);
    }

    /// <inheritdoc/>
    public void Dispose() => _mapped.Dispose();

    private (SafetensorsEntry Entry, torch.ScalarType Dtype) Find(string name)
    {
        if (!Entries.TryGetValue(name, out var entry))
            throw new CheckpointException(Path, name, "a tensor of this name", "none");
        return (entry, entry.Dtype.Scalar ?? throw new CheckpointException(Path, name, "a dtype that TorchSharp has", entry.Dtype.Name));
    }

    private Tensor Map(SafetensorsEntry entry, torch.ScalarType dtype)
    {
        long[] shape = [.. entry.Shape];
        return entry.Begin == entry.End ? torch.empty(shape, dtype) : _mapped.View(_header.DataStart + entry.Begin, shape, dtype);
    }
}
