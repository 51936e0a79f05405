namespace Bft.Research.Checkpoints;

/// <summary>The weights of a Hugging Face folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
/// <remarks>Stricter than transformers: index and shards must agree tensor by tensor, and a shard lies in the folder itself.</remarks>
public sealed class SafetensorsWeights : IWeightSource
{
    /// <summary>Name of an unsharded weight file.</summary>
    public const string SingleFile = "model.safetensors";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _owners = new(StringComparer.Ordinal);

    private SafetensorsWeights(string folder) => Path = folder;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _owners.Keys;

    /// <summary>Opens the weights of a folder. An unsharded file comes first, as in transformers.</summary>
    /// <exception cref="CheckpointException">No weight file, an invalid one, or an index that does not fit its shards.</exception>
    public static SafetensorsWeights Open(string folder)
    {
        var weights = new SafetensorsWeights(folder);
        try
        {
            var index = System.IO.Path.Combine(folder, SafetensorsIndex.FileName);
            if (File.Exists(System.IO.Path.Combine(folder, SingleFile)))
                weights.Add(SingleFile, null);
            else if (File.Exists(index))
                weights.AddShards(SafetensorsIndex.Read(index));
            else
                throw new CheckpointException(folder, "weights", $"{SingleFile} or {SafetensorsIndex.FileName}", "neither");
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public WeightInfo Describe(string name)
    {
        var entry = Owner(name).Entries[name];
        return new(name, entry.Shape, entry.Dtype.Name, entry.Dtype.Scalar);
    }

    /// <inheritdoc/>
    public Tensor Load(string name, torch.ScalarType dtype, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var stored = Owner(name).Load(name);
        if (torch.is_floating_point(dtype) && !stored.is_floating_point())
            throw new CheckpointException(Owner(name).Path, name, "a floating-point dtype", Owner(name).Entries[name].Dtype.Name);
        return stored.to(dtype, device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private SafetensorsFile Owner(string name) =>
        _owners.TryGetValue(name, out var file) ? file : throw new CheckpointException(Path, name, "a tensor of this name", "none");

    private void AddShards(SafetensorsIndex index)
    {
        foreach (var shard in index.Shards)
            Add(shard, index);
        foreach (var (name, shard) in index.WeightMap)
            if (!_owners.ContainsKey(name))
                throw new CheckpointException(index.Path, name, $"a tensor of this name in {shard}", "none");
    }

    private void Add(string fileName, SafetensorsIndex? index)
    {
        var file = SafetensorsFile.Open(System.IO.Path.Combine(Path, fileName));
        _files.Add(file);
        foreach (var name in file.Names)
        {
            if (index is not null && (!index.WeightMap.TryGetValue(name, out var shard) || shard != fileName))
                throw new CheckpointException(index.Path, name, $"{fileName}, which holds it", shard ?? "no entry");
            _owners.Add(name, file);
        }
    }
}
