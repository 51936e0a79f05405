namespace Bft.Research.Models;

/// <summary>Families of decoders that <see cref="CausalLm"/> can be.</summary>
public enum DecoderFamily
{
    /// <summary>Llama 2, 3 and what shares its architecture (SmolLM2, DeepSeek-R1-Distill-Llama).</summary>
    Llama,

    /// <summary>Qwen2 and 2.5: biases on query, key and value.</summary>
    Qwen2,

    /// <summary>Qwen3: norms on the heads of query and key.</summary>
    Qwen3,
}

/// <summary>Shape and rules of a decoder, as config.json of a Hugging Face folder describes them.</summary>
public sealed partial record CausalLmConfig
{
    /// <summary>Family; decides names and defaults of config.json.</summary>
    public required DecoderFamily Family { get; init; }

    /// <summary>Number of tokens V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width D of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key-value heads; query head h reads key-value head h / (Heads / KeyValueHeads).</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head; need not be HiddenSize / Heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>ε of the RMS norms.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Gate of the feed-forward part.</summary>
    public GateActivation Activation { get; init; }

    /// <summary>Rotary embedding.</summary>
    public RotaryConfig Rotary { get; init; } = new();

    /// <summary>Whether the head is the embedding.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Whether query, key and value projections have a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the output projection of attention has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the feed-forward projections have a bias.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether query and key heads are normalised before rotation.</summary>
    public bool QueryKeyNorm => Family == DecoderFamily.Qwen3;

    /// <summary>[layers] how many positions a query sees, itself included; null for all before it. Empty means null for every layer.</summary>
    public IReadOnlyList<int?> LayerWindows { get; init; } = [];

    /// <summary>Length that the model is meant for; informative.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Standard deviation of freshly drawn weights.</summary>
    public double InitialDeviation { get; init; } = 0.02;

    /// <summary>Id that opens a text, or null.</summary>
    public long? BosTokenId { get; init; }

    /// <summary>Ids that end a text; may be empty.</summary>
    public IReadOnlyList<long> EosTokenIds { get; init; } = [];

    /// <summary>Id of padding, or null.</summary>
    public long? PadTokenId { get; init; }

    /// <summary>Dtype that the weights are stored in according to config.json, or null.</summary>
    public torch.ScalarType? StoredDtype { get; init; }

    /// <summary>Number of values of all parameters; a tied matrix counts once.</summary>
    public long ParameterCount => ParameterShapes().Sum(p => p.Shape.Aggregate(1L, (product, dimension) => product * dimension));

    /// <summary>Window of a layer in positions, the query included, or null.</summary>
    public int? Window(int layer) => LayerWindows.Count == 0 ? null : LayerWindows[layer];

    /// <summary>Everything that is wrong with these values; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        void Positive(string name, long value)
        {
            if (value < 1)
                problems.Add($"{name}: expected a whole number above 0, actual {value}");
        }

        Positive("vocab_size", VocabularySize);
        Positive("hidden_size", HiddenSize);
        Positive("intermediate_size", IntermediateSize);
        Positive("num_hidden_layers", Layers);
        Positive("num_attention_heads", Heads);
        Positive("num_key_value_heads", KeyValueHeads);
        Positive("head_dim", HeadDim);
        if (HeadDim % 2 != 0)
            problems.Add($"head_dim: expected an even number, actual {HeadDim}");
        if (KeyValueHeads > 0 && Heads % KeyValueHeads != 0)
            problems.Add($"num_key_value_heads: expected a divisor of num_attention_heads {Heads}, actual {KeyValueHeads}");
        if (!(NormEpsilon > 0))
            problems.Add($"rms_norm_eps: expected a number above 0, actual {NormEpsilon}");
        if (LayerWindows.Count != 0 && LayerWindows.Count != Layers)
            problems.Add($"layer_types: expected {Layers} entries, actual {LayerWindows.Count}");
        if (LayerWindows.Any(window => window < 1))
            problems.Add($"sliding_window: expected a whole number above 0, actual {LayerWindows.Min()}");
        problems.AddRange(InexpressibleInFamily());
        problems.AddRange(Rotary.Validate());
        return problems;
    }

    /// <summary>What config.json of the family has no words for.</summary>
    private IEnumerable<string> InexpressibleInFamily()
    {
        var (fits, expected) = Family == DecoderFamily.Qwen2
            ? (QueryKeyValueBias && !OutputBias, "biases on query, key and value only")
            : (QueryKeyValueBias == OutputBias, "the same for query, key, value and output");
        if (!fits)
            yield return $"attention_bias: expected {expected} in {Family}, actual query, key, value {QueryKeyValueBias}, output {OutputBias}";
        if (FeedForwardBias && Family != DecoderFamily.Llama)
            yield return $"mlp_bias: expected false in {Family}, actual true";
        if (LayerWindows.Any(window => window is not null) && Family == DecoderFamily.Llama)
            yield return "sliding_window: expected none in Llama, actual one";
        if (LayerWindows.Where(window => window is not null).Distinct().Count() > 1)
            yield return $"sliding_window: expected one width, actual {string.Join(", ", LayerWindows)}";
    }

    /// <summary>Names (as in Hugging Face files) and shapes of all parameters, in the order of the computation; a tied head has no entry of its own.</summary>
    public IEnumerable<(string Name, long[] Shape)> ParameterShapes()
    {
        yield return (ParameterNames.Embedding, [VocabularySize, HiddenSize]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var block = ParameterNames.Block(layer);
            yield return (block + ParameterNames.InputNorm, [HiddenSize]);
            foreach (var (name, rows, columns, bias) in ProjectionShapes())
            {
                if (name == ParameterNames.Gate)
                    yield return (block + ParameterNames.FeedForwardNorm, [HiddenSize]);
                yield return ($"{block}{name}.weight", [rows, columns]);
                if (bias)
                    yield return ($"{block}{name}.bias", [rows]);
                if (QueryKeyNorm && name is ParameterNames.Query)
                    yield return (block + ParameterNames.QueryNorm, [HeadDim]);
                if (QueryKeyNorm && name is ParameterNames.Key)
                    yield return (block + ParameterNames.KeyNorm, [HeadDim]);
            }
        }

        yield return (ParameterNames.FinalNorm, [HiddenSize]);
        if (!TiedHead)
            yield return (ParameterNames.Head, [VocabularySize, HiddenSize]);
    }

    /// <summary>The linear layers of a block: name inside the block, rows (outputs), columns (inputs), whether there is a bias.</summary>
    internal IEnumerable<(string Name, long Rows, long Columns, bool Bias)> ProjectionShapes()
    {
        long queries = (long)Heads * HeadDim, keys = (long)KeyValueHeads * HeadDim;
        yield return (ParameterNames.Query, queries, HiddenSize, QueryKeyValueBias);
        yield return (ParameterNames.Key, keys, HiddenSize, QueryKeyValueBias);
        yield return (ParameterNames.Value, keys, HiddenSize, QueryKeyValueBias);
        yield return (ParameterNames.Output, HiddenSize, queries, OutputBias);
        yield return (ParameterNames.Gate, IntermediateSize, HiddenSize, FeedForwardBias);
        yield return (ParameterNames.Up, IntermediateSize, HiddenSize, FeedForwardBias);
        yield return (ParameterNames.Down, HiddenSize, IntermediateSize, FeedForwardBias);
    }
}
