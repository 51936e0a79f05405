using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bft.Research.Checkpoints;

/// <summary>
/// Writes safetensors files byte for byte as the safetensors library does: widest type first, then by name, header padded with blanks to 8 bytes.
/// </summary>
/// <remarks>Metadata keep their order here; the library writes more than one key in no fixed order.</remarks>
public static class SafetensorsWriter
{
    private const string SortedTypes = "BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64";
    private static readonly string[] s_order = SortedTypes.Split(' ');
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What Hugging Face models carry: <c>{"format": "pt"}</c>.</summary>
    public static IReadOnlyDictionary<string, string> PyTorchMetadata { get; } = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>Writes one file, in one step (see <see cref="AtomicOutput"/>).</summary>
    /// <param name="path">Target; replaced when present.</param>
    /// <param name="tensors">Names and values, any device and layout; shared storage is written once for each name.</param>
    /// <param name="metadata">Free text, or null for none.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved, or a dtype has no counterpart.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, [.. tensors.Select(PendingTensor.Of)], metadata);

    /// <summary>Writes one file from tensors that are made one at a time, while writing.</summary>
    internal static void Write(string path, IReadOnlyList<PendingTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        RequireNames(tensors);
        PendingTensor[] sorted =
        [
            .. tensors.OrderByDescending(tensor => Array.IndexOf(s_order, tensor.Dtype.Name))
                .ThenBy(tensor => tensor.Name, Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)))),
        ];
        AtomicOutput.WriteFile(path, stream =>
        {
            stream.Write(Header(sorted, metadata));
            foreach (var tensor in sorted)
                WriteData(stream, tensor);
        });
    }

    /// <summary>Writes <c>model.safetensors</c>, or shards and their index when the tensors take more than <paramref name="maxShardBytes"/>.</summary>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="tensors">Names and values in the order in which shards are filled.</param>
    /// <param name="metadata">Free text of every file; null for <see cref="PyTorchMetadata"/>.</param>
    /// <param name="maxShardBytes">Largest sum of tensor bytes in a file; a single larger tensor gets a file of its own.</param>
    public static void WriteFolder(
        string folder, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null, long maxShardBytes = 5_000_000_000) =>
        WriteFolder(folder, [.. tensors.Select(PendingTensor.Of)], metadata, maxShardBytes);

    /// <summary>As the public overload, from tensors that are made one at a time.</summary>
    internal static void WriteFolder(string folder, IReadOnlyList<PendingTensor> tensors, IReadOnlyDictionary<string, string>? metadata, long maxShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxShardBytes, 1);
        RequireNames(tensors);
        metadata ??= PyTorchMetadata;
        var shards = Split(tensors, maxShardBytes);
        if (shards.Count == 1)
        {
            Write(Path.Combine(folder, SafetensorsWeights.SingleFile), shards[0], metadata);
            return;
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            Write(Path.Combine(folder, name), shards[i], metadata);
            foreach (var tensor in shards[i])
                map[tensor.Name] = name;
        }

        var index = SafetensorsIndex.Format(map, tensors.Sum(tensor => tensor.Elements), tensors.Sum(tensor => tensor.Bytes));
        AtomicOutput.WriteFile(Path.Combine(folder, SafetensorsIndex.FileName), stream => stream.Write(Encoding.UTF8.GetBytes(index)));
    }

    private static List<List<PendingTensor>> Split(IReadOnlyList<PendingTensor> tensors, long maxShardBytes)
    {
        List<List<PendingTensor>> shards = [];
        List<PendingTensor> current = [];
        foreach (var tensor in tensors)
        {
            if (tensor.Bytes > maxShardBytes)
            {
                shards.Add([tensor]);
                continue;
            }

            if (current.Count > 0 && current.Sum(t => t.Bytes) + tensor.Bytes > maxShardBytes)
            {
                shards.Add(current);
                current = [];
            }

            current.Add(tensor);
        }

        if (current.Count > 0 || shards.Count == 0)
            shards.Add(current);
        return shards;
    }

    private static byte[] Header(IReadOnlyList<PendingTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var text = new MemoryStream();
        text.Write(new byte[SafetensorsHeader.LengthBytes]);
        using (var json = new Utf8JsonWriter(text, s_json))
            WriteJson(json, tensors, metadata);
        while (text.Length % 8 != 0)
            text.WriteByte((byte)' ');
        var bytes = text.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - SafetensorsHeader.LengthBytes);
        return bytes;
    }

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<PendingTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        json.WriteStartObject();
        if (metadata is not null)
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (key, value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        var begin = 0L;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Dtype.Name);
            json.WriteStartArray("shape");
            foreach (var dimension in tensor.Shape)
                json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(begin);
            json.WriteNumberValue(begin += tensor.Bytes);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteData(Stream stream, PendingTensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var value = tensor.Load();
        if (!value.shape.SequenceEqual(tensor.Shape) || value.dtype != tensor.Dtype.Scalar)
            throw new InvalidOperationException($"{tensor.Name}: announced as [{string.Join(", ", tensor.Shape)}] {tensor.Dtype.Name}, loaded as [{string.Join(", ", value.shape)}] {value.dtype}.");
        if (tensor.Bytes > 0)
            TensorBytes.Read(value, stream.Write);
    }

    private static void RequireNames(IReadOnlyList<PendingTensor> tensors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
            if (tensor.Name == SafetensorsHeader.MetadataKey || !seen.Add(tensor.Name))
                throw new ArgumentException($"tensors: the name '{tensor.Name}' {(tensor.Name == SafetensorsHeader.MetadataKey ? "is reserved" : "occurs twice")}.", nameof(tensors));
    }
}
