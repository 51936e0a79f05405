using Bft.Research.Checkpoints;
using static TorchSharp.torch.nn;

namespace Bft.Research.Models.Encoders;

/// <summary>A bidirectional encoder: BERT, DistilBERT, RoBERTa or MPNet, by its <see cref="TextEncoderConfig"/>. For inference.</summary>
/// <remarks>Reference: the model classes of Transformers; hidden states agree to rounding in float64.</remarks>
public sealed class TextEncoder : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly EncoderNames _names;

    private TextEncoder(TextEncoderConfig config, Dictionary<string, Tensor> tensors)
    {
        Config = config;
        _tensors = tensors;
        _names = EncoderNames.Of(config.Family);
    }

    /// <summary>Shape and rules.</summary>
    public TextEncoderConfig Config { get; }

    /// <summary>Dtype of weights and hidden states.</summary>
    public torch.ScalarType Dtype => Words.dtype;

    /// <summary>Device of weights and hidden states.</summary>
    public torch.Device Device => Words.device;

    /// <summary>Whether the checkpoint holds a pooler (a dense layer with tanh on position 0).</summary>
    public bool HasPooler => _tensors.ContainsKey($"{EncoderNames.Pooler}.weight");

    private Tensor Words => _tensors[EncoderNames.Words];

    /// <summary>Loads a folder in Hugging Face layout.</summary>
    /// <param name="folder">Folder with config.json and safetensors.</param>
    /// <param name="dtype">Dtype of the model.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <exception cref="CheckpointException">Something is absent, superfluous or does not fit.</exception>
    public static TextEncoder Load(string folder, torch.ScalarType dtype = torch.ScalarType.Float32, torch.Device? device = null)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var config = TextEncoderConfig.Read(folder);
        using var source = SafetensorsWeights.Open(folder);
        var tensors = EncoderWeights.Load(config, source, dtype, device ?? torch.CPU);
        foreach (var tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new(config, tensors);
    }

    /// <summary>Hidden states of the last block; no graph is built.</summary>
    /// <param name="inputIds">[B, T] int64 token ids.</param>
    /// <param name="attentionMask">[B, T], nonzero on real tokens, or null when nothing is padded. Hidden states of padding mean nothing.</param>
    /// <param name="segmentIds">[B, T] int64 segments (<c>token_type_ids</c>), or null for 0; only in families that have them.</param>
    /// <returns>[B, T, D], moved to the outer dispose scope.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, a text is longer than the position table, or segments where there are none.</exception>
    public Tensor Hidden(Tensor inputIds, Tensor? attentionMask = null, Tensor? segmentIds = null)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        RequireShape(nameof(attentionMask), attentionMask, inputIds);
        RequireShape(nameof(segmentIds), segmentIds, inputIds);
        if (segmentIds is not null && Config.Segments == 0)
            throw new ArgumentException($"segmentIds: expected null, for {Config.Family} has no segments.", nameof(segmentIds));
        var bias = AttentionBias(inputIds.size(1), attentionMask);
        var hidden = Embed(inputIds, segmentIds);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            var next = Block($"{_names.Block}{layer}.", hidden, bias);
            hidden.Dispose();
            hidden = next;
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>tanh(W·h₀ + b) of position 0: [B, T, D] to [B, D], moved to the outer dispose scope.</summary>
    /// <exception cref="InvalidOperationException">The checkpoint holds no pooler.</exception>
    public Tensor PoolerOutput(Tensor hidden)
    {
        if (!HasPooler)
            throw new InvalidOperationException("The checkpoint holds no pooler.");
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return Linear(EncoderNames.Pooler, hidden.select(1, 0)).tanh().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private Tensor Embed(Tensor inputIds, Tensor? segmentIds)
    {
        Tensor Rows(string table, Tensor indices) => _tensors[table].index_select(0, indices.reshape(-1)).view(inputIds.size(0), inputIds.size(1), Config.HiddenSize);
        var embedded = Rows(EncoderNames.Words, inputIds);
        if (Config.Segments > 0)
            embedded += Rows(EncoderNames.Segments, segmentIds ?? torch.zeros_like(inputIds));
        embedded += Rows(EncoderNames.Positions, Positions(inputIds));
        return Norm(EncoderNames.EmbeddingNorm, embedded);
    }

    private Tensor Positions(Tensor inputIds)
    {
        var room = Config.MaxPositions - (Config.CountsRealTokens ? Config.PadTokenId + 1 : 0);
        if (inputIds.size(1) > room)
            throw new ArgumentException($"inputIds: expected at most {room} positions, actual {inputIds.size(1)}.", nameof(inputIds));
        if (!Config.CountsRealTokens)
            return torch.arange(inputIds.size(1), device: inputIds.device).expand(inputIds.size(0), -1);
        var real = inputIds.ne(Config.PadTokenId).to(torch.ScalarType.Int64);
        return real.cumsum(1) * real + Config.PadTokenId;
    }

    /// <summary>[B or 1, heads or 1, 1 or T, T] additive bias of attention, or null: −∞ on padding, MPNet's bias by distance.</summary>
    private Tensor? AttentionBias(long length, Tensor? mask)
    {
        Tensor? bias = null;
        if (mask is not null && !mask.ne(0).all().ToBoolean())
            bias = torch.zeros(mask.shape, Dtype, Device).masked_fill_(mask.eq(0), double.NegativeInfinity).unsqueeze(1).unsqueeze(1).expand(-1, 1, length, -1);
        if (Config.DistanceBuckets == 0)
            return bias;
        var buckets = torch.tensor(DistanceBucket.Table((int)length, Config.DistanceBuckets), device: Device);
        var distances = _tensors[EncoderNames.DistanceBias].index_select(0, buckets).view(length, length, Config.Heads).permute(2, 0, 1).unsqueeze(0);
        return bias is null ? distances : distances + bias;
    }

    private Tensor Block(string block, Tensor hidden, Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        long rows = hidden.size(0), length = hidden.size(1), width = Config.HiddenSize / Config.Heads;
        Tensor Heads(string name) => Linear(block + name, hidden).view(rows, length, Config.Heads, width).transpose(1, 2);
        var mixed = functional.scaled_dot_product_attention(Heads(_names.Query), Heads(_names.Key), Heads(_names.Value), bias)
            .transpose(1, 2).reshape(rows, length, Config.HiddenSize);
        var attended = Norm(block + _names.AttentionNorm, Linear(block + _names.Output, mixed) + hidden);
        var inner = Config.Activation.Apply(Linear(block + _names.Up, attended));
        return Norm(block + _names.BlockNorm, Linear(block + _names.Down, inner) + attended).MoveToOuterDisposeScope();
    }

    private Tensor Linear(string name, Tensor x) => functional.linear(x, _tensors[$"{name}.weight"], _tensors[$"{name}.bias"]);

    private Tensor Norm(string name, Tensor x) => functional.layer_norm(x, [Config.HiddenSize], _tensors[$"{name}.weight"], _tensors[$"{name}.bias"], Config.NormEpsilon);

    private static void RequireShape(string name, Tensor? tensor, Tensor inputIds)
    {
        if (inputIds.dim() != 2 || inputIds.dtype != torch.ScalarType.Int64)
            throw new ArgumentException($"inputIds: expected [B, T] int64, actual [{string.Join(", ", inputIds.shape)}] {inputIds.dtype}.", nameof(inputIds));
        if (tensor is not null && !tensor.shape.SequenceEqual(inputIds.shape))
            throw new ArgumentException($"{name}: expected [{string.Join(", ", inputIds.shape)}], actual [{string.Join(", ", tensor.shape)}].", name);
    }
}
