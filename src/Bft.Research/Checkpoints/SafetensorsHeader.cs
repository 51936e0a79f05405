using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Bft.Research.Checkpoints;

/// <summary>The checked header of a safetensors file: an unsigned 64-bit length, a JSON object, then the bytes of the tensors without a gap.</summary>
/// <remarks>
/// Refuses what the safetensors library refuses (lengths, JSON, UTF-8, unknown types, shapes that do not fit, holes, overlaps, bytes that belong to none) and,
/// beyond it, a name that occurs twice (there the last one wins) and a header that does not begin with <c>{</c>.
/// </remarks>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";
    public const int LengthBytes = 8;
    public const int LargestHeader = 100_000_000;
    private readonly string _file;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file, long dataStart)
    {
        _file = file;
        DataStart = dataStart;
    }

    /// <summary>Tensors by name, in the order of the header.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>Free text of the writer.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Offset in the file of the first tensor byte.</summary>
    public long DataStart { get; }

    /// <summary>Checks the length field against the file.</summary>
    /// <returns>Length of the JSON text in bytes.</returns>
    public static int ReadLength(string file, ReadOnlySpan<byte> start, long fileLength)
    {
        if (fileLength < LengthBytes)
            throw new CheckpointException(file, "header length", $"at least {LengthBytes} bytes", $"a file of {fileLength} bytes");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > LargestHeader)
            throw new CheckpointException(file, "header length", $"at most {LargestHeader}", $"{length}");
        if ((long)length > fileLength - LengthBytes)
            throw new CheckpointException(file, "header length", $"at most {fileLength - LengthBytes} (the rest of the file)", $"{length}");
        return (int)length;
    }

    /// <summary>Reads and checks the JSON text of a header.</summary>
    /// <param name="file">Path, for messages.</param>
    /// <param name="json">The bytes after the length field.</param>
    /// <param name="fileLength">Length of the whole file in bytes.</param>
    public static SafetensorsHeader Parse(string file, ReadOnlyMemory<byte> json, long fileLength)
    {
        if (!Utf8.IsValid(json.Span))
            throw new CheckpointException(file, "header", "UTF-8", "bytes that are not");
        if (json.IsEmpty || json.Span[0] != (byte)'{')
            throw new CheckpointException(file, "header", "a JSON object", json.IsEmpty ? "no byte" : $"a text that begins with '{(char)json.Span[0]}'");
        var header = new SafetensorsHeader(file, LengthBytes + json.Length);
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var property in document.RootElement.EnumerateObject())
                header.Add(property.Name, property.Value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: a string with half a surrogate pair
        {
            throw new CheckpointException(file, "header", "a JSON object", e.Message, e);
        }

        header.RequireFullCover(fileLength - header.DataStart);
        return header;
    }

    private void Add(string name, JsonElement value)
    {
        if (name == MetadataKey)
        {
            if (_metadata.Count > 0)
                throw new CheckpointException(_file, MetadataKey, "one entry", "two");
            ReadMetadata(value);
        }
        else if (!_entries.TryAdd(name, ReadEntry(name, value)))
        {
            throw new CheckpointException(_file, name, "one entry of this name", "two");
        }
    }

    private void ReadMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(_file, MetadataKey, "an object of strings", $"{value.ValueKind}");
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw new CheckpointException(_file, $"{MetadataKey}.{property.Name}", "a string", $"{property.Value.ValueKind}");
            if (!_metadata.TryAdd(property.Name, property.Value.GetString()!))
                throw new CheckpointException(_file, $"{MetadataKey}.{property.Name}", "one entry of this name", "two");
        }
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(_file, name, "an object", $"{value.ValueKind}");
        var dtypeField = Field(name, value, "dtype", JsonValueKind.String);
        var dtype = SafetensorsDtype.Of(dtypeField.GetString()!)
            ?? throw new CheckpointException(_file, $"{name}.dtype", $"one of {string.Join(", ", SafetensorsDtype.All.Select(d => d.Name))}", dtypeField.GetString()!);
        var shape = Integers(name, value, "shape");
        var offsets = Integers(name, value, "data_offsets");
        if (offsets.Length != 2)
            throw new CheckpointException(_file, $"{name}.data_offsets", "two numbers", $"{offsets.Length}");
        if (offsets[1] < offsets[0])
            throw new CheckpointException(_file, $"{name}.data_offsets", "an end at or after the begin", $"[{offsets[0]}, {offsets[1]}]");
        var bytes = dtype.Bytes(shape)
            ?? throw new CheckpointException(_file, $"{name}.shape", "a whole number of bytes below 2^60", $"[{string.Join(", ", shape)}] of {dtype.Name}");
        if (bytes != offsets[1] - offsets[0])
            throw new CheckpointException(_file, $"{name}.data_offsets", $"{bytes} bytes for [{string.Join(", ", shape)}] of {dtype.Name}", $"{offsets[1] - offsets[0]} bytes");
        return new() { Name = name, Dtype = dtype, Shape = shape, Begin = offsets[0], End = offsets[1] };
    }

    private JsonElement Field(string name, JsonElement entry, string field, JsonValueKind kind)
    {
        JsonElement? found = null;
        foreach (var property in entry.EnumerateObject())
            if (property.NameEquals(field))
                found = found is null ? property.Value : throw new CheckpointException(_file, $"{name}.{field}", "one entry of this name", "two");
        if (found is not { } value)
            throw new CheckpointException(_file, $"{name}.{field}", "a value", "none");
        return value.ValueKind == kind ? value : throw new CheckpointException(_file, $"{name}.{field}", $"{kind}", $"{value.ValueKind}");
    }

    private long[] Integers(string name, JsonElement entry, string field)
    {
        var values = Field(name, entry, field, JsonValueKind.Array);
        var numbers = new List<long>(4);
        foreach (var value in values.EnumerateArray())
        {
            if (value.ValueKind != JsonValueKind.Number || value.GetRawText()[0] == '-' || !value.TryGetInt64(out var number))
                throw new CheckpointException(_file, $"{name}.{field}", "integers from 0 to 2^63 - 1", value.GetRawText());
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private void RequireFullCover(long dataLength)
    {
        var at = 0L;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != at)
                throw new CheckpointException(_file, $"{entry.Name}.data_offsets", $"a begin of {at}, where the tensor before it ends", $"{entry.Begin}");
            at = entry.End;
        }

        if (at != dataLength)
            throw new CheckpointException(_file, "tensor data", $"{at} bytes, as the header says", $"{dataLength} bytes");
    }
}
