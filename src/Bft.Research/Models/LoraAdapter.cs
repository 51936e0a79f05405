namespace Bft.Research.Models;

/// <summary>LoRA on the linear layers of a <see cref="CausalLm"/>: made fresh, read from or written to a PEFT folder, merged into the base.</summary>
/// <remarks>Attached to the model from its making until <see cref="Merge"/> or <see cref="Dispose"/>. A model carries at most one adapter.</remarks>
public sealed class LoraAdapter : IDisposable
{
    private readonly LoraDropout? _dropout;
    private readonly List<LoraLayer> _layers;

    private LoraAdapter(CausalLm model, List<LoraLayer> layers, LoraDropout? dropout, bool rankStabilized)
    {
        _layers = layers;
        Targets = NamesOf(layers, model.Projections);
        _dropout = dropout;
        RankStabilized = rankStabilized;
        for (var i = 0; i < layers.Count; i++)
        {
            layers[i].Number = i;
            layers[i].Target.Adapter = layers[i];
        }
    }

    /// <summary>The adapted layers in the order of the model.</summary>
    public IReadOnlyList<LoraLayer> Layers => _layers;

    /// <summary>Whether the scaling is α / √r instead of α / r.</summary>
    public bool RankStabilized { get; }

    /// <summary>The fewest names that mean exactly the adapted layers: ends such as <c>q_proj</c> where every layer with that end is adapted, else whole names.</summary>
    public IReadOnlyList<string> Targets { get; }

    /// <summary>Probability of dropping an input value while training.</summary>
    public double Dropout => _dropout?.Probability ?? 0;

    /// <summary>Lets dropout act from now on. What is dropped follows from the adapter's seed and these numbers alone.</summary>
    /// <param name="step">Number of the optimiser step, from 0.</param>
    /// <param name="microBatch">Number of the micro-batch in the step, from 0.</param>
    public void StartDropout(int step, int microBatch) => _dropout?.Start(step, microBatch);

    /// <summary>Lets dropout rest, as it does in a new adapter.</summary>
    public void StopDropout() => _dropout?.Stop();

    /// <summary>All matrices with their names, such as <c>model.layers.0.self_attn.q_proj.lora_A.weight</c>.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parameters => [.. _layers.SelectMany(l => Named(l))];

    /// <summary>A fresh adapter without effect: A uniform in ±1/√in (Kaiming-uniform with a = √5, as PEFT), B zero.</summary>
    /// <param name="model">Model to attach to.</param>
    /// <param name="options">Rank, α, dropout, layers.</param>
    /// <param name="seed">Seed of A and of dropout.</param>
    /// <exception cref="ArgumentException">The options have problems, a target names no layer, or the model has an adapter already.</exception>
    public static LoraAdapter Create(CausalLm model, LoraOptions options, long seed)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"LoRA: {string.Join("; ", problems)}.", nameof(options));
        RequireFree(model);
        var unknown = options.Targets.Where(t => !model.Projections.Any(p => PeftConfig.EndsWith(p.Name, t))).ToList();
        if (unknown.Count > 0)
            throw new ArgumentException($"LoRA: Targets: no linear layer is called {string.Join(", ", unknown)}.", nameof(options));
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed);
        var dtype = WorkingDtype(model);
        var dropout = options.Dropout > 0 ? new LoraDropout(options.Dropout, seed, model.Device) : null;
        var layers = new List<LoraLayer>();
        foreach (var target in model.Projections)
        {
            if (options.Targets.Count > 0 && !options.Targets.Any(t => PeftConfig.EndsWith(target.Name, t)))
                continue;
            long outputs = target.Weight.shape[0], inputs = target.Weight.shape[1];
            var bound = 1 / Math.Sqrt(inputs);
            var a = torch.rand([options.Rank, inputs], torch.ScalarType.Float32, generator: generator).mul_(2 * bound).sub_(bound);
            var b = torch.zeros([outputs, options.Rank], dtype, model.Device);
            var magnitude = options.Dora ? LoraLayer.RowNorms(target.Weight.detach().to(dtype)) : null;
            var scaling = options.Alpha / (options.RankStabilized ? Math.Sqrt(options.Rank) : options.Rank);
            layers.Add(new(target, a.to(dtype).to(model.Device), b, magnitude, options.Alpha, scaling, dropout));
        }

        return new(model, layers, dropout, options.RankStabilized);
    }

    /// <summary>Reads and attaches a PEFT folder: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
    /// <param name="model">Model to attach to.</param>
    /// <param name="folder">PEFT folder.</param>
    /// <param name="seed">Seed of dropout, if the folder asks for any.</param>
    /// <exception cref="Checkpoints.CheckpointException">
    /// A file is absent or broken, the configuration asks for something other than LoRA, rank-stabilised LoRA or DoRA on the linear layers of blocks
    /// (biases, replaced modules, head, embedding), or tensors and configuration and model do not agree. PEFT loads some of these and ignores the rest.
    /// </exception>
    public static LoraAdapter Load(CausalLm model, string folder, long seed = 0)
    {
        RequireFree(model);
        using var scope = torch.NewDisposeScope();
        var config = PeftConfig.Read(folder);
        var dropout = config.Dropout > 0 ? new LoraDropout(config.Dropout, seed, model.Device) : null;
        var layers = LoraFolder.Read(folder, config, model.Projections)
            .Select(t => new LoraLayer(t.Target, Move(t.A), Move(t.B), t.Magnitude is { } m ? Move(m) : null, config.AlphaOf(t.Target.Name), config.ScalingOf(t.Target.Name), dropout))
            .ToList();
        return new(model, layers, dropout, config.RankStabilized);

        Tensor Move(Tensor tensor) => tensor.to(WorkingDtype(model)).to(model.Device);
    }

    /// <summary>Writes a PEFT folder that PEFT and vLLM load, as a whole or not at all.</summary>
    /// <param name="folder">Folder to write; absent or empty.</param>
    /// <param name="baseModel">Name or path of the base model for <c>base_model_name_or_path</c>; null leaves it empty.</param>
    public void Save(string folder, string? baseModel = null) => LoraFolder.Write(folder, this, baseModel);

    /// <summary>Adds every update to its base weight in place, rounded once to the dtype of the model, and detaches the adapter.</summary>
    public void Merge()
    {
        foreach (var layer in _layers)
            layer.Merge();
        Dispose();
    }

    /// <summary>Detaches the adapter from the model and frees its matrices.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            if (ReferenceEquals(layer.Target.Adapter, layer))
                layer.Target.Adapter = null;
            layer.Dispose();
        }

        _layers.Clear();
        _dropout?.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Value)> Named(LoraLayer layer)
    {
        yield return ($"{layer.Target.Name}.lora_A.weight", layer.A);
        yield return ($"{layer.Target.Name}.lora_B.weight", layer.B);
        if (layer.Magnitude is { } magnitude)
            yield return ($"{layer.Target.Name}.lora_magnitude_vector", magnitude);
    }

    private static List<string> NamesOf(List<LoraLayer> layers, IReadOnlyList<Projection> all)
    {
        static string End(string name) => name[(name.LastIndexOf('.') + 1)..];
        var adapted = layers.Select(l => l.Target.Name).ToHashSet(StringComparer.Ordinal);
        var ends = adapted.Select(End).Distinct().Order(StringComparer.Ordinal).ToList();
        var exact = all.All(p => adapted.Contains(p.Name) || !ends.Contains(End(p.Name)));
        return exact ? ends : [.. adapted.Order(StringComparer.Ordinal)];
    }

    private static torch.ScalarType WorkingDtype(CausalLm model) =>
        model.Dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;

    private static void RequireFree(CausalLm model)
    {
        if (model.Projections.FirstOrDefault(p => p.Adapter is not null) is { } taken)
            throw new ArgumentException($"LoRA: {taken.Name} has an adapter already.", nameof(model));
    }
}
