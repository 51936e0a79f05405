using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Counts the floating-point operations of a training step: the one definition behind MFU.</summary>
/// <remarks>
/// With N the weights of the linear layers of all blocks, A those of the adapter, V × D the LM head, and p the pairs of a query and a key that it sees:
/// <list type="bullet">
/// <item>blocks, a token: 6N when they train (2N forward, 2N for the gradient of inputs, 2N for that of weights); 4N when they are frozen under LoRA;</item>
/// <item>adapter, a token: 6A;</item>
/// <item>attention, a layer: 12 · heads · head width · p, of which forward is a third; a causal sample of n tokens has p = n(n + 1)/2, less with a window;</item>
/// <item>LM head, a supervised token: 6VD when it trains, 4VD when it is frozen (forward and the gradient of hidden states), and six times the values of an adapter on it;</item>
/// <item>recompute: 2N + 2A a token and a third of attention; second pass of a head that is not frozen: 2VD for each supervised token whose logits were not kept.</item>
/// </list>
/// Padding is not counted as work, nor are norms, activations, softmax, rotation, the look-up of embeddings and the optimiser. That the inputs of the first block need no
/// gradient under LoRA is not taken off. Positions without supervision cost no head here; figures of trainers that compute all logits count them.
/// </remarks>
public sealed class TrainingFlops
{
    private readonly CausalLmConfig _config;
    private readonly double _blocks, _head, _headUpdate;
    private readonly double? _adapter;
    private readonly bool _headTrains;
    private readonly long _keptLogits;
    private readonly bool _recompute;

    /// <summary>Prepares the count for a model.</summary>
    /// <param name="config">Shape of the model.</param>
    /// <param name="adapterParameters">Values of the adapter's matrices in the blocks; null when every weight trains.</param>
    /// <param name="head">How the LM head is computed.</param>
    /// <param name="recompute">Whether blocks go forward a second time for the backward pass.</param>
    /// <param name="headTrains">Whether the LM head trains beside an adapter.</param>
    /// <param name="headAdapterParameters">Values of an adapter on the LM head.</param>
    public TrainingFlops(
        CausalLmConfig config, long? adapterParameters, LmHeadOptions? head = null, bool recompute = false, bool headTrains = false, long headAdapterParameters = 0)
    {
        _config = config;
        _blocks = (double)config.Layers * config.ProjectionShapes().Sum(p => p.Rows * p.Columns);
        _head = (double)config.VocabularySize * config.HiddenSize;
        _headUpdate = headAdapterParameters;
        _adapter = adapterParameters;
        _headTrains = headTrains || adapterParameters is null;
        _keptLogits = _headTrains || headAdapterParameters > 0 ? (head ?? new()).KeptLogits : long.MaxValue;
        _recompute = recompute;
    }

    /// <summary>The count for what a trainer trains.</summary>
    internal static TrainingFlops Of(CausalLmConfig config, LoraAdapter? adapter, TrainerOptions options)
    {
        if (adapter is null)
            return new(config, null, options.Head, options.GradientCheckpointing);
        long Sum(Func<string, bool> isMeant) => adapter.Parameters.Where(p => isMeant(p.Name)).Sum(p => p.Value.numel());
        bool IsHead(string name) => name.StartsWith(ParameterNames.HeadModule, StringComparison.Ordinal);
        var headTrains = adapter.Parameters.Any(p => p.Name == ParameterNames.Head);
        return new(
            config, Sum(name => name.Contains(ParameterNames.Blocks, StringComparison.Ordinal)), options.Head, options.GradientCheckpointing,
            headTrains, headTrains ? 0 : Sum(IsHead));
    }

    /// <summary>Operations of one micro-batch, forward and backward.</summary>
    public FlopCount Of(TokenBatch batch)
    {
        var lengths = SampleLengths(batch);
        return Of(lengths.Sum(), lengths.Sum(n => Enumerable.Range(0, _config.Layers).Sum(layer => Pairs(n, _config.Window(layer)))), batch.Scored.Count);
    }

    /// <summary>Operations a token of samples of one length, for plans and tables.</summary>
    /// <param name="sampleLength">Tokens of a sample.</param>
    /// <param name="supervisedShare">Part of the tokens that is supervised.</param>
    public FlopCount PerToken(int sampleLength, double supervisedShare = 1) =>
        Of(1, Enumerable.Range(0, _config.Layers).Sum(layer => Pairs(sampleLength, _config.Window(layer))) / sampleLength, supervisedShare);

    private FlopCount Of(double tokens, double pairs, double supervised)
    {
        var forwardAttention = 4.0 * _config.Heads * _config.HeadDim * pairs;
        var computedAgain = Math.Max(0, supervised * _config.VocabularySize - _keptLogits);
        return new(
            (_adapter is null ? 6 : 4) * _blocks * tokens,
            6 * (_adapter ?? 0) * tokens,
            3 * forwardAttention,
            ((_headTrains ? 6 : 4) * _head + 6 * _headUpdate) * supervised,
            _recompute ? 2 * (_blocks + (_adapter ?? 0)) * tokens + forwardAttention : 0,
            2.0 * _config.HiddenSize * computedAgain);
    }

    /// <summary>Pairs of a query and a key it sees in a causal sample.</summary>
    private static double Pairs(double length, int? window) =>
        window is { } w && w < length ? w * (w + 1.0) / 2 + (length - w) * w : length * (length + 1) / 2;

    private static List<int> SampleLengths(TokenBatch batch)
    {
        List<int> lengths = [];
        for (var row = 0; row < batch.Rows; row++)
        {
            var counts = new SortedDictionary<int, int>();
            for (var at = row * batch.Length; at < (row + 1) * batch.Length; at++)
                if (batch.AttentionMask?[at] ?? true)
                {
                    var sample = batch.SampleIds?[at] ?? 0;
                    counts[sample] = counts.GetValueOrDefault(sample) + 1;
                }

            lengths.AddRange(counts.Values);
        }

        return lengths;
    }
}
