using System.Runtime.InteropServices;
using System.Text;

namespace Bft.Research.Checkpoints;

/// <summary>
/// Reads and checks the header of a GGUF file: magic, version, pairs, tensor records. Every length is checked against the file before it is used.
/// </summary>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF", little endian
    private const int MostDimensions = 4;
    private const long DefaultAlignment = 32;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly MappedFile _file;
    private long _at;

    private GgufHeader(MappedFile file) => _file = file;

    public uint Version { get; private set; }

    public long Alignment { get; private set; } = DefaultAlignment;

    public long DataOffset { get; private set; }

    public List<KeyValuePair<string, object>> Pairs { get; } = [];

    public List<GgufTensorInfo> Tensors { get; } = [];

    public static GgufHeader Read(MappedFile file)
    {
        var header = new GgufHeader(file);
        if (file.Length < 4 || header.Number<uint>("magic") != Magic)
            throw new CheckpointException(file.Path, "magic", "GGUF", "something else");
        header.Version = header.Number<uint>("version");
        if (header.Version is not (2 or 3))
            throw new CheckpointException(file.Path, "version", "2 or 3, little endian", $"{header.Version}");
        var tensors = header.Count("tensor_count", 4 + 8 + 4 + 8);
        var pairs = header.Count("kv_count", 8 + 4 + 1);
        header.ReadPairs(pairs);
        header.ReadTensors(tensors);
        return header;
    }

    private void ReadPairs(long count)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0L; i < count; i++)
        {
            var key = Text($"key {i}");
            if (!seen.Add(key))
                throw new CheckpointException(_file.Path, key, "one pair of this key", "two");
            Pairs.Add(new(key, Value(key, Number<uint>($"{key} (type)"))));
        }

        if (Pairs.Find(pair => pair.Key == "general.alignment").Value is not { } alignment)
            return;
        Alignment = alignment is uint and > 0 && long.IsPow2((uint)alignment)
            ? (uint)alignment
            : throw new CheckpointException(_file.Path, "general.alignment", "a power of two of type u32", $"{alignment}");
    }

    private void ReadTensors(long count)
    {
        var records = new List<(string Name, GgufType Type, long[] Dimensions, ulong Offset)>();
        for (var i = 0L; i < count; i++)
        {
            var name = Text($"tensor {i}");
            var dimensions = ReadDimensions(name);
            var type = Number<uint>(name);
            records.Add((name, GgufType.Of(type) ?? throw Wrong($"{name} (type)", "a known tensor type", type), dimensions, Number<ulong>(name)));
        }

        DataOffset = Aligned(_at);
        var next = DataOffset;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, type, dimensions, offset) in records)
        {
            if (!seen.Add(name))
                throw new CheckpointException(_file.Path, name, "one tensor of this name", "two");
            if (offset != (ulong)(next - DataOffset))
                throw Wrong($"{name} (offset)", $"{next - DataOffset}, where the tensor before it ends", offset);
            var bytes = Bytes(name, type, dimensions);
            if (bytes > _file.Length - next)
                throw new CheckpointException(_file.Path, name, $"{bytes} bytes at {next}", $"a file of {_file.Length} bytes");
            Tensors.Add(new(name, type, dimensions, next, bytes));
            next = Aligned(next + bytes);
        }
    }

    private long[] ReadDimensions(string name)
    {
        var count = Number<uint>(name);
        if (count is 0 or > MostDimensions)
            throw Wrong($"{name} (dimensions)", $"1 to {MostDimensions}", count);
        var dimensions = new long[count];
        for (var i = 0; i < dimensions.Length; i++)
        {
            var size = Number<ulong>(name);
            dimensions[i] = size is > 0 and <= long.MaxValue ? (long)size : throw Wrong($"{name} (dimension {i})", "1 to 2^63 - 1", size);
        }

        return dimensions;
    }

    private long Bytes(string name, GgufType type, long[] dimensions)
    {
        if (dimensions[0] % type.BlockValues != 0)
            throw new CheckpointException(_file.Path, name, $"rows of whole {type.Name} blocks of {type.BlockValues} values", $"rows of {dimensions[0]}");
        Int128 bytes = (Int128)(dimensions[0] / type.BlockValues) * type.BlockBytes;
        foreach (var dimension in dimensions.AsSpan(1))
            bytes = bytes <= long.MaxValue ? bytes * dimension : bytes;
        return bytes <= _file.Length ? (long)bytes
            : throw new CheckpointException(_file.Path, name, $"at most the {_file.Length} bytes of the file", $"{bytes} bytes");
    }

    private object Value(string key, uint type) => type switch
    {
        0 => Number<byte>(key),
        1 => Number<sbyte>(key),
        2 => Number<ushort>(key),
        3 => Number<short>(key),
        4 => Number<uint>(key),
        5 => Number<int>(key),
        6 => Number<float>(key),
        7 => Flag(key),
        8 => Text(key),
        9 => List(key),
        10 => Number<ulong>(key),
        11 => Number<long>(key),
        12 => Number<double>(key),
        _ => throw Wrong($"{key} (type)", "0 to 12", type),
    };

    private object List(string key) => Number<uint>($"{key} (element type)") switch
    {
        0 => Numbers<byte>(key),
        1 => Numbers<sbyte>(key),
        2 => Numbers<ushort>(key),
        3 => Numbers<short>(key),
        4 => Numbers<uint>(key),
        5 => Numbers<int>(key),
        6 => Numbers<float>(key),
        7 => Items(key, 1, () => Flag(key)),
        8 => Items(key, 8, () => Text(key)),
        10 => Numbers<ulong>(key),
        11 => Numbers<long>(key),
        12 => Numbers<double>(key),
        var type => throw Wrong($"{key} (element type)", "a scalar type, 0 to 8 or 10 to 12", type),
    };

    private T[] Items<T>(string key, int leastBytes, Func<T> read)
    {
        var items = new T[Count(key, leastBytes)];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return items;
    }

    private T[] Numbers<T>(string key) where T : unmanaged
    {
        var size = Marshal.SizeOf<T>();
        var count = Count(key, size);
        return MemoryMarshal.Cast<byte, T>(Take(key, checked(count * size))).ToArray();
    }

    private bool Flag(string key) =>
        Number<byte>(key) switch { 0 => false, 1 => true, var other => throw Wrong(key, "a truth value, 0 or 1", other) };

    private string Text(string what)
    {
        var bytes = Take(what, Count(what, 1));
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new CheckpointException(_file.Path, what, "UTF-8", "bytes that are not", e);
        }
    }

    /// <summary>
    /// A count of things that take at least so many bytes each; more than the rest of the file can hold is refused here, before memory is taken.
    /// </summary>
    private long Count(string what, int leastBytes)
    {
        var count = Number<ulong>(what);
        var most = Math.Min((_file.Length - _at) / leastBytes, int.MaxValue / leastBytes);
        return count <= (ulong)most ? (long)count : throw Wrong($"{what} (count)", $"at most {most}, for which the file has room", count);
    }

    private T Number<T>(string what) where T : unmanaged => MemoryMarshal.Read<T>(Take(what, Marshal.SizeOf<T>()));

    private ReadOnlySpan<byte> Take(string what, long count)
    {
        if (count > _file.Length - _at)
            throw new CheckpointException(_file.Path, what, $"{count} bytes at {_at}", $"a file of {_file.Length} bytes");
        var bytes = _file.Bytes(_at, (int)count);
        _at += count;
        return bytes;
    }

    private long Aligned(long offset) => checked((offset + Alignment - 1) / Alignment * Alignment);

    private CheckpointException Wrong(string field, string expected, object actual) => new(_file.Path, field, expected, $"{actual}");
}
