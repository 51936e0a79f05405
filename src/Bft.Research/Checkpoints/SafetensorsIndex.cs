using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary>The file <c>model.safetensors.index.json</c>: which shard holds which tensor.</summary>
public sealed class SafetensorsIndex
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "model.safetensors.index.json";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n" };
    private readonly Dictionary<string, string> _map = new(StringComparer.Ordinal);

    private SafetensorsIndex(string path) => Path = path;

    /// <summary>Path of the index file.</summary>
    public string Path { get; }

    /// <summary>File name of the shard of every tensor; a name without any folder.</summary>
    public IReadOnlyDictionary<string, string> WeightMap => _map;

    /// <summary>Shard names, sorted.</summary>
    public IEnumerable<string> Shards => _map.Values.Distinct().Order(StringComparer.Ordinal);

    /// <summary>Reads an index.</summary>
    /// <exception cref="CheckpointException">Not JSON, no <c>weight_map</c>, a name twice, or a shard name that leaves the folder.</exception>
    public static SafetensorsIndex Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(path, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "index", "a JSON object", e.Message, e);
        }
    }

    /// <summary>The text of an index, as transformers writes it: two blanks of indentation, names sorted.</summary>
    /// <param name="weightMap">Shard of every tensor.</param>
    /// <param name="totalParameters">Number of elements of all tensors.</param>
    /// <param name="totalSize">Bytes of all tensors.</param>
    public static string Format(IReadOnlyDictionary<string, string> weightMap, long totalParameters, long totalSize)
    {
        var map = new JsonObject();
        foreach (var (name, shard) in weightMap.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            map[name] = shard;
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_parameters"] = totalParameters, ["total_size"] = totalSize },
            ["weight_map"] = map,
        };
        return index.ToJsonString(s_indented) + "\n";
    }

    private static SafetensorsIndex Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(path, "weight_map", "an object", "none");
        var index = new SafetensorsIndex(path);
        foreach (var property in map.EnumerateObject())
        {
            var shard = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new CheckpointException(path, $"weight_map.{property.Name}", "the name of a .safetensors file in this folder", shard);
            if (!index._map.TryAdd(property.Name, shard))
                throw new CheckpointException(path, $"weight_map.{property.Name}", "one entry of this name", "two");
        }

        return index;
    }
}
