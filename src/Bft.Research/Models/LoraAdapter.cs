namespace Bft.Research.Models;

/// <summary>LoRA on a <see cref="CausalLm"/>, and matrices trained whole beside it: made fresh, read from or written to a PEFT folder, merged into the base.</summary>
/// <remarks>
/// Attached to the model from its making until <see cref="Merge"/> or <see cref="Dispose"/>. A model carries at most one adapter. Where head and embedding share a
/// table, a change of one does not touch the other.
/// </remarks>
public sealed partial class LoraAdapter : IDisposable
{
    private readonly CausalLm _model;
    private readonly PeftConfig _config;
    private readonly LoraDropout? _dropout;
    private readonly List<LoraLayer> _layers;
    private readonly List<AdaptableWeight> _replaced;
    private readonly Dictionary<string, torch.ScalarType> _types;

    /// <summary>Layers whose base matrix is stored beside their update.</summary>
    private readonly List<AdaptableWeight> _withBase;

    private LoraAdapter(
        CausalLm model, PeftConfig config, List<LoraLayer> layers, LoraDropout? dropout, List<(AdaptableWeight Target, Tensor Value)> replaced, LoraFolder.Content? read = null)
    {
        _model = model;
        _config = config;
        _dropout = dropout;
        _layers = layers;
        _replaced = [.. replaced.Select(r => r.Target)];
        _types = read?.Types ?? [];
        _withBase = [.. read?.Bases.Select(b => b.Target) ?? []];
        Targets = NamesOf(layers, [.. model.AdaptableWeights]);
        for (var i = 0; i < layers.Count; i++)
        {
            layers[i].Number = i;
            Hang(layers[i].Target, layers[i]);
        }

        foreach (var (target, value) in replaced)
            target.Replacement = value.DetachFromDisposeScope();
    }

    /// <summary>The adapted matrices in the order of the model.</summary>
    public IReadOnlyList<LoraLayer> Layers => _layers;

    /// <summary>Whether the scaling is α / √r instead of α / r.</summary>
    public bool RankStabilized => _config.RankStabilized;

    /// <summary>The fewest names that mean exactly the adapted layers: ends such as <c>q_proj</c> where every layer with that end is adapted, else whole names.</summary>
    public IReadOnlyList<string> Targets { get; }

    /// <summary>Probability of dropping an input value while training.</summary>
    public double Dropout => _config.Dropout;

    /// <summary>What was odd about the folder but not wrong, in words; empty for an adapter that was not loaded.</summary>
    public IReadOnlyList<string> LoadRemarks { get; private init; } = [];

    /// <summary>Lets dropout act from now on. What is dropped follows from the adapter's seed and these numbers alone.</summary>
    /// <param name="step">Number of the optimiser step, from 0.</param>
    /// <param name="microBatch">Number of the micro-batch in the step, from 0.</param>
    public void StartDropout(int step, int microBatch) => _dropout?.Start(step, microBatch);

    /// <summary>Lets dropout rest, as it does in a new adapter.</summary>
    public void StopDropout() => _dropout?.Stop();

    /// <summary>All matrices that are trained, with their names, such as <c>model.layers.0.self_attn.q_proj.lora_A.weight</c>.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parameters =>
    [
        .. _layers.SelectMany(Named),
        .. _replaced.Where(t => !_withBase.Contains(t)).Select(t => (LoraFolder.ReplacedKey(t), t.Current)),
    ];

    /// <summary>Everything that a folder holds: <see cref="Parameters"/>, and base matrices that it held when it was read.</summary>
    internal IReadOnlyList<(string Name, Tensor Value)> Stored => [.. Parameters, .. _withBase.Select(t => (LoraFolder.BaseKey(t), t.Current))];

    /// <summary>Whether no layer has an update: A or B of each is all zero, as before training.</summary>
    public bool IsIdle => _layers.TrueForAll(l => l.IsIdle);

    /// <summary>Writes a PEFT folder that PEFT and vLLM load, as a whole or not at all.</summary>
    /// <remarks>
    /// A folder that was read is written with the same names, fields and bytes, as long as nothing was trained. Types: as read where that loses nothing, else
    /// float32, or float64 beside a float64 model; replaced matrices have the dtype of the model.
    /// </remarks>
    /// <param name="folder">Folder to write; absent or empty.</param>
    /// <param name="baseModel">Name or path of the base model for <c>base_model_name_or_path</c>; null leaves what was read, or nothing.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    public void Save(string folder, string? baseModel = null)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var narrowed = Stored.Select(s => (s.Name, s.Value, Narrow: _types.TryGetValue(s.Name, out var type) ? s.Value.to(type) : s.Value)).ToList();
        var exact = narrowed.TrueForAll(n => n.Narrow.to(n.Value.dtype).eq(n.Value).all().ToBoolean());
        LoraFolder.Write(folder, narrowed.Select(n => (n.Name, exact ? n.Narrow : n.Value)), _config.ToJson(baseModel, Targets));
    }

    /// <summary>Puts every update into its base weight in place, computed in the dtype of the adapter and rounded once to the dtype of the model, and detaches the adapter.</summary>
    /// <remarks>A tied model whose head or embedding changes is no longer tied afterwards.</remarks>
    public void Merge()
    {
        if (_model.Embedding.IsAdapted || _model.Head.IsAdapted)
            _model.Untie();
        using (torch.no_grad())
        {
            foreach (var layer in _layers)
            {
                using var scope = torch.NewDisposeScope();
                layer.Target.Weight.copy_(layer.Merged());
            }

            using var rest = torch.NewDisposeScope();
            foreach (var target in _replaced.Where(t => _layers.TrueForAll(l => l.Target != t)))
                target.Weight.copy_(target.Current);
        }

        Dispose();
    }

    /// <summary>Detaches the adapter from the model and frees its matrices.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            Hang(layer.Target, null);
            layer.Dispose();
        }

        foreach (var target in _replaced)
        {
            target.Replacement?.Dispose();
            target.Replacement = null;
        }

        _layers.Clear();
        _replaced.Clear();
        _dropout?.Dispose();
    }

    private static void Hang(AdaptableWeight target, LoraLayer? layer)
    {
        if (target is TokenEmbedding embedding)
            embedding.Adapter = layer;
        else
            ((Projection)target).Adapter = layer;
    }

    private static IEnumerable<(string Name, Tensor Value)> Named(LoraLayer layer)
    {
        yield return (LoraFolder.KeyOf(layer.Target, 'A'), layer.A);
        yield return (LoraFolder.KeyOf(layer.Target, 'B'), layer.B);
        if (layer.Magnitude is { } magnitude)
            yield return (LoraFolder.MagnitudeKey(layer.Target), magnitude);
    }

    private static List<string> NamesOf(List<LoraLayer> layers, IReadOnlyList<AdaptableWeight> all)
    {
        static string End(string name) => name[(name.LastIndexOf('.') + 1)..];
        var adapted = layers.Select(l => l.Target.Name).ToHashSet(StringComparer.Ordinal);
        var ends = adapted.Select(End).Distinct().Order(StringComparer.Ordinal).ToList();
        var exact = all.All(p => adapted.Contains(p.Name) || !ends.Contains(End(p.Name)));
        return exact ? ends : [.. adapted.Order(StringComparer.Ordinal)];
    }
}
