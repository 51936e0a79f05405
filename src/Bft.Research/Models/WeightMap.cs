using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

/// <summary>Matches the tensors of a source with the parameters of a configuration.</summary>
internal sealed class WeightMap
{
    private readonly CausalLmConfig _config;
    private readonly IWeightSource _source;

    /// <summary>Name of a parameter to its name in the source.</summary>
    private readonly Dictionary<string, string> _stored = new(StringComparer.Ordinal);

    /// <summary>Looks at names, shapes and types of the source; values are read by <see cref="Load"/>.</summary>
    public WeightMap(CausalLmConfig config, IWeightSource source)
    {
        _config = config;
        _source = source;
        var bare = !source.Names.Any(name => name.StartsWith(ParameterNames.Prefix, StringComparison.Ordinal));
        foreach (var name in source.Names)
        {
            var info = source.Describe(name);
            if (name.EndsWith(ParameterNames.OldFrequencies, StringComparison.Ordinal) || (info.Shape.Count > 0 && info.Shape.Any(dimension => dimension == 0)))
                continue;
            _stored.Add(bare && name != ParameterNames.Head ? ParameterNames.Prefix + name : name, name);
        }
    }

    /// <summary>Reads all parameters.</summary>
    /// <returns>The configuration, untied when the source says so; parameters in its order, in the current dispose scope; remarks.</returns>
    /// <exception cref="CheckpointException">A parameter is absent, superfluous, of another shape or not of floating point.</exception>
    public (CausalLmConfig Config, List<(string Name, Tensor Value)> Parameters, List<string> Remarks) Load(torch.ScalarType dtype, torch.Device device)
    {
        var remarks = new List<string>();
        if (_source is GgufWeights gguf && Dequantised(gguf, dtype) is { } dequantised)
            remarks.Add(dequantised);
        var config = _config.TiedHead ? SettleTiedHead(remarks) : _config;
        var shapes = config.ParameterShapes().ToList();
        var superfluous = _stored.Keys.Except(shapes.Select(p => p.Name)).Except(config.TiedHead ? [ParameterNames.Head] : []).Order(StringComparer.Ordinal).ToList();
        if (superfluous.Count > 0)
            throw new CheckpointException(
                _source.Path, superfluous[0], $"no such tensor in a {config.Family} of {config.Layers} layers with this configuration", $"one (of {superfluous.Count} superfluous)");
        var absent = shapes.Where(p => !_stored.ContainsKey(p.Name)).Select(p => p.Name).ToList();
        if (absent.Count > 0)
            throw new CheckpointException(_source.Path, absent[0], "a tensor of this name", $"none (of {absent.Count} absent)");
        foreach (var (name, shape) in shapes)
            Check(name, shape);
        return (config, [.. shapes.Select(p => (p.Name, _source.Load(_stored[p.Name], dtype, device)))], remarks);
    }

    /// <summary>How many tensors of which type of a GGUF file became plain numbers, in one line; null when all are plain there.</summary>
    private static string? Dequantised(GgufWeights gguf, torch.ScalarType dtype)
    {
        var types = gguf.ByType.ToLookup(type => type.Type.Scalar is null, type => $"{type.Names.Count} {type.Type.Name}");
        return types[true].Any() ? $"{gguf.Path}: dequantised to {dtype}: {string.Join(", ", types[true])}; not quantised: {string.Join(", ", types[false].DefaultIfEmpty("none"))}." : null;
    }

    /// <summary>A tied configuration whose source stores a head: equal to the embedding, instead of it, or different from it.</summary>
    private CausalLmConfig SettleTiedHead(List<string> remarks)
    {
        if (!_stored.TryGetValue(ParameterNames.Head, out var head))
            return _config;
        Check(ParameterNames.Head, [_config.VocabularySize, _config.HiddenSize]);
        if (!_stored.TryGetValue(ParameterNames.Embedding, out var embedding))
        {
            _stored[ParameterNames.Embedding] = head;
            remarks.Add($"{_source.Path}: only {ParameterNames.Head} is stored; it serves as the embedding too.");
            return _config;
        }

        Check(ParameterNames.Embedding, [_config.VocabularySize, _config.HiddenSize]);
        using var scope = torch.NewDisposeScope();
        Tensor AsStored(string name) => _source.Load(name, _source.Describe(name).Scalar!.Value, torch.CPU);
        if (AsStored(head).eq(AsStored(embedding)).all().ToBoolean())
            return _config;
        remarks.Add(
            $"{_source.Path}: the configuration ties the head, but {ParameterNames.Head} is stored and differs from the embedding; "
            + "the stored head is used and the model is not tied.");
        return _config with { TiedHead = false };
    }

    private void Check(string name, long[] shape)
    {
        var info = _source.Describe(_stored[name]);
        if (!info.Shape.SequenceEqual(shape))
            throw new CheckpointException(_source.Path, _stored[name], $"[{string.Join(", ", shape)}]", $"[{string.Join(", ", info.Shape)}]");
        if (info.Scalar is not (torch.ScalarType.Float64 or torch.ScalarType.Float32 or torch.ScalarType.BFloat16 or torch.ScalarType.Float16))
            throw new CheckpointException(_source.Path, _stored[name], "floating-point numbers of 16, 32 or 64 bits", info.StoredAs);
    }
}
