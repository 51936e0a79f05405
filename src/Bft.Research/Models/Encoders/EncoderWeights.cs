using Bft.Research.Checkpoints;

namespace Bft.Research.Models.Encoders;

/// <summary>Reads the tensors of an encoder from a source.</summary>
internal static class EncoderWeights
{
    /// <summary>All tensors by their name without prefix, in the current dispose scope; those of the pooler only when stored.</summary>
    /// <remarks>
    /// Understood: names with the prefix of the family (whatever lies outside it, the head of another task, is passed over), <c>gamma</c> and <c>beta</c> for the
    /// weight and bias of norms, and the buffer <c>position_ids</c> of old checkpoints. Everything else that does not fit is an error.
    /// </remarks>
    /// <exception cref="CheckpointException">A tensor is absent, superfluous, of another shape or not of floating point.</exception>
    public static Dictionary<string, Tensor> Load(TextEncoderConfig config, IWeightSource source, torch.ScalarType dtype, torch.Device device)
    {
        var names = EncoderNames.Of(config.Family);
        var stored = Stored(names.Prefix, source);
        var shapes = names.Shapes(config).ToList();
        if (stored.ContainsKey($"{EncoderNames.Pooler}.weight"))
            shapes.AddRange([($"{EncoderNames.Pooler}.weight", [config.HiddenSize, config.HiddenSize]), ($"{EncoderNames.Pooler}.bias", [config.HiddenSize])]);
        foreach (var name in stored.Keys.Except(shapes.Select(p => p.Name)))
            throw new CheckpointException(source.Path, stored[name], $"no such tensor in a {config.Family} of {config.Layers} layers", "one");
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, shape) in shapes)
        {
            if (!stored.TryGetValue(name, out var storedName))
                throw new CheckpointException(source.Path, name, "a tensor of this name", "none");
            var info = source.Describe(storedName);
            if (!info.Shape.SequenceEqual(shape))
                throw new CheckpointException(source.Path, storedName, $"[{string.Join(", ", shape)}]", $"[{string.Join(", ", info.Shape)}]");
            tensors[name] = source.Load(storedName, dtype, device);
        }

        return tensors;
    }

    private static Dictionary<string, string> Stored(string prefix, IWeightSource source)
    {
        var prefixed = source.Names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in source.Names)
        {
            if (name.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || (prefixed && !name.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            var plain = prefixed ? name[prefix.Length..] : name;
            plain = plain.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal).Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
            if (!stored.TryAdd(plain, name))
                throw new CheckpointException(source.Path, name, "one tensor for each parameter", $"another one, {stored[plain]}");
        }

        return stored;
    }
}
