using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>Reads and writes the two files of a PEFT folder.</summary>
internal static class LoraFolder
{
    public const string WeightsName = "adapter_model.safetensors";
    public const string Prefix = "base_model.model.";
    private const string BaseLayer = ".base_layer.weight";

    /// <summary>What the tensors of a folder say about a model.</summary>
    /// <param name="Layers">Matrices of the low-rank updates, in the order of the model.</param>
    /// <param name="Replaced">Matrices that stand in for those of the model and are part of the adapter.</param>
    /// <param name="Bases">Base matrices that PEFT wrote beside an update of the head or the embedding.</param>
    /// <param name="Types">Stored type by name without prefix.</param>
    public sealed record Content(
        List<(AdaptableWeight Target, Tensor A, Tensor B, Tensor? Magnitude)> Layers,
        List<(AdaptableWeight Target, Tensor Value)> Replaced,
        List<(AdaptableWeight Target, Tensor Value)> Bases,
        Dictionary<string, torch.ScalarType> Types);

    /// <summary>The key of a matrix in the file, without the prefix.</summary>
    public static string KeyOf(AdaptableWeight target, char matrix) =>
        target is TokenEmbedding ? $"{target.Name}.lora_embedding_{matrix}" : $"{target.Name}.lora_{matrix}.weight";

    public static string MagnitudeKey(AdaptableWeight target) => $"{target.Name}.lora_magnitude_vector";

    public static string ReplacedKey(AdaptableWeight target) => $"{target.Name}.weight";

    public static string BaseKey(AdaptableWeight target) => target.Name + BaseLayer;

    /// <summary>The matrices of everything that the configuration covers; all tensors of the file must be among them.</summary>
    /// <exception cref="CheckpointException">File, configuration and model do not agree.</exception>
    public static Content Read(string folder, PeftConfig config, CausalLm model)
    {
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path))
            throw new CheckpointException(path, "file", "the adapter's tensors", "nothing");
        var covered = config.Covered(model);
        var replaced = config.Replaced(model);
        using var file = SafetensorsFile.Open(path);
        var tensors = new NamedTensors(file);
        var content = new Content([.. covered.Select(target => Layer(tensors, config, target))], [.. replaced.Select(t => (t, tensors.Take(ReplacedKey(t), t.Weight.shape)))], [], tensors.Types);
        foreach (var target in covered.Where(t => tensors.Has(BaseKey(t))))
            content.Bases.Add((target, tensors.Take(BaseKey(target), target.Weight.shape)));
        tensors.RequireNoneLeft();
        return content;
    }

    /// <summary>Writes a folder as a whole or not at all; the target must be absent or empty.</summary>
    /// <param name="folder">Target.</param>
    /// <param name="tensors">Names without prefix, and values in the type in which they are written.</param>
    /// <param name="config">Text of the configuration.</param>
    public static void Write(string folder, IEnumerable<(string Name, Tensor Value)> tensors, string config) => AtomicOutput.WriteFolder(folder, place =>
    {
        List<(string, Tensor)> named = [.. tensors.Select(t => (Prefix + t.Name, t.Value))];
        SafetensorsWriter.Write(Path.Combine(place, WeightsName), named, SafetensorsWriter.PyTorchMetadata);
        File.WriteAllText(Path.Combine(place, PeftConfig.FileName), config);
    });

    private static (AdaptableWeight, Tensor, Tensor, Tensor?) Layer(NamedTensors tensors, PeftConfig config, AdaptableWeight target)
    {
        long rank = config.RankOf(target.Name), first = target.Weight.shape[0], second = target.Weight.shape[1];
        var (inputs, outputs) = target is TokenEmbedding ? (first, second) : (second, first);
        return (
            target,
            tensors.Take(KeyOf(target, 'A'), [rank, inputs]),
            tensors.Take(KeyOf(target, 'B'), [outputs, rank]),
            config.Dora ? tensors.Take(MagnitudeKey(target), [outputs]) : null);
    }

    /// <summary>The tensors of a file, each of which has to be taken once.</summary>
    private sealed class NamedTensors(SafetensorsFile file)
    {
        private readonly HashSet<string> _left = [.. file.Names];

        /// <summary>Stored type of what was taken, by name without prefix.</summary>
        public Dictionary<string, torch.ScalarType> Types { get; } = new(StringComparer.Ordinal);

        public bool Has(string key) => _left.Contains(Prefix + key);

        public Tensor Take(string key, long[] shape)
        {
            var name = Prefix + key;
            if (!_left.Remove(name))
                throw new CheckpointException(file.Path, name, "a matrix of the adapter", _left.Contains(key) ? $"{key}, a name without PEFT's prefix" : "nothing");
            var entry = file.Entries[name];
            if (!entry.Shape.SequenceEqual(shape))
                throw new CheckpointException(file.Path, name, $"shape [{string.Join(", ", shape)}]", $"[{string.Join(", ", entry.Shape)}]");
            if (entry.Dtype.Scalar is not (torch.ScalarType.Float64 or torch.ScalarType.Float32 or torch.ScalarType.BFloat16 or torch.ScalarType.Float16))
                throw new CheckpointException(file.Path, name, "floating-point numbers of 16, 32 or 64 bits", entry.Dtype.Name);
            var value = file.Load(name);
            if (!value.isfinite().all().ToBoolean())
                throw new CheckpointException(file.Path, name, "finite numbers", "NaN or infinity");
            Types[key] = value.dtype;
            return value;
        }

        public void RequireNoneLeft()
        {
            if (_left.Count > 0)
                throw new CheckpointException(file.Path, _left.Order(StringComparer.Ordinal).First(), "only what the configuration asks for and the model has", $"{_left.Count} others");
        }
    }
}
