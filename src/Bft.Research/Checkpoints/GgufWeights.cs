namespace Bft.Research.Checkpoints;

/// <summary>The weights of a GGUF file as a Hugging Face checkpoint: dequantised, Hugging Face names, Hugging Face row order.</summary>
/// <remarks>
/// llama files pair neighbouring rows of a head for the rotary embedding, Hugging Face pairs row j with row j + half: row 2j + s of a head in the file is row
/// s·half + j here (llama.cpp's converter, undone). qwen2 and qwen3 keep the order.
/// </remarks>
public sealed class GgufWeights : IWeightSource
{
    private readonly GgufFile _file;
    private readonly bool _ownsFile;
    private readonly Dictionary<string, GgufTensorInfo> _tensors = new(StringComparer.Ordinal);
    private readonly bool _interleaved;
    private readonly long _heads;
    private readonly long _keyValueHeads;

    /// <summary>Wraps an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="ownsFile">Whether disposing this disposes the file.</param>
    /// <exception cref="CheckpointException">The architecture or a tensor name is not supported.</exception>
    public GgufWeights(GgufFile file, bool ownsFile = false)
    {
        _file = file;
        _ownsFile = ownsFile;
        var architecture = GgufConfig.Architecture(file);
        _interleaved = architecture == "llama";
        _heads = file.Metadata.Integer($"{architecture}.attention.head_count");
        _keyValueHeads = GgufConfig.KeyValueHeads(file);
        foreach (var tensor in file.Tensors.Where(tensor => tensor.Name != GgufNames.RotaryFactors))
            _tensors.Add(
                GgufNames.ToHuggingFace(tensor.Name)
                    ?? throw new CheckpointException(file.Path, tensor.Name, $"a tensor of a {architecture} model", "an unknown name"),
                tensor);
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CheckpointException">Not a valid file, or not a supported model.</exception>
    public static GgufWeights Open(string path)
    {
        var file = GgufFile.Open(path);
        try
        {
            return new(file, ownsFile: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public WeightInfo Describe(string name)
    {
        var tensor = Find(name);
        return new(name, tensor.Shape, tensor.Type.Name, tensor.Type.Scalar ?? torch.ScalarType.Float32);
    }

    /// <summary>Names of all tensors by their type in the file, for example <c>Q4_1</c>; the most frequent type first.</summary>
    public IReadOnlyList<(GgufType Type, IReadOnlyList<string> Names)> ByType =>
    [
        .. _tensors.GroupBy(pair => pair.Value.Type).OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Number)
            .Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(pair => pair.Key)])),
    ];

    /// <summary>The name of a tensor in the file.</summary>
    /// <exception cref="CheckpointException">No such tensor.</exception>
    public string StoredName(string name) => Find(name).Name;

    /// <summary>Whether <see cref="Load"/> puts the rows of this tensor into another order.</summary>
    public bool Reorders(string name) => _interleaved && GgufNames.IsQueryOrKey(Find(name).Name);

    /// <inheritdoc/>
    public Tensor Load(string name, torch.ScalarType dtype, torch.Device device)
    {
        var info = Find(name);
        using var scope = torch.NewDisposeScope();
        var stored = _file.Load(info.Name);
        if (torch.is_floating_point(dtype) && !stored.is_floating_point())
            throw new CheckpointException(Path, info.Name, "a floating-point type", info.Type.Name);
        if (Reorders(name))
            stored = SplitHalves(info, stored);
        return stored.to(dtype, device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsFile)
            _file.Dispose();
    }

    private Tensor SplitHalves(GgufTensorInfo info, Tensor stored)
    {
        var heads = info.Name.Contains("attn_k", StringComparison.Ordinal) ? _keyValueHeads : _heads;
        var rows = stored.shape[0];
        if (rows % (2 * heads) != 0)
            throw new CheckpointException(Path, info.Name, $"rows for {heads} heads of even width", $"{rows} rows");
        return stored.reshape(heads, rows / heads / 2, 2, -1).transpose(1, 2).reshape(stored.shape);
    }

    private GgufTensorInfo Find(string name) =>
        _tensors.TryGetValue(name, out var tensor) ? tensor : throw new CheckpointException(Path, name, "a tensor of this name", "none");
}
