namespace Bft.Research.Models;

/// <summary>A decoder-only language model: Llama, Qwen2 or Qwen3, by its <see cref="CausalLmConfig"/>.</summary>
/// <remarks>
/// Plain tensors, no module tree. All parameters start frozen; whoever trains sets <c>requires_grad</c> on those it wants (<see cref="Parameters"/>) or hangs
/// adapters on <see cref="Projections"/>. In float64 everything is computed in float64; in 16 bits norms, rotary angles and the softmax go through float32.
/// Reference: the model classes of Transformers; logits agree to rounding. Differs: float64 stays float64 there where that library goes through float32.
/// </remarks>
public sealed partial class CausalLm : IDisposable
{
    private readonly RotaryTable _rotary;

    private CausalLm(CausalLmConfig config, IReadOnlyList<(string Name, Tensor Value)> parameters, IReadOnlyList<string> remarks)
    {
        var byName = parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        Config = config;
        Parameters = parameters;
        LoadRemarks = remarks;
        Embedding = new(ParameterNames.EmbeddingModule, byName[ParameterNames.Embedding]);
        Head = new(ParameterNames.HeadModule, config.TiedHead ? Embedding.Weight : byName[ParameterNames.Head], null);
        LastNorm = new(byName[ParameterNames.FinalNorm], config.NormEpsilon);
        Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderBlock(config, layer, name => byName[name]))];
        Projections = [.. Blocks.SelectMany(block => block.Projections)];
        Dtype = Embedding.Weight.dtype;
        Device = Embedding.Weight.device;
        _rotary = new(config, Dtype, Device);
    }

    /// <summary>Shape and rules.</summary>
    public CausalLmConfig Config { get; private set; }

    /// <summary>Dtype of parameters and activations.</summary>
    public torch.ScalarType Dtype { get; }

    /// <summary>Device of parameters and activations.</summary>
    public torch.Device Device { get; }

    /// <summary>All parameters with their names in Hugging Face files, in the order of the computation; a tied head is not listed again. Owned by the model.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parameters { get; private set; }

    /// <summary>The blocks, first to last.</summary>
    public IReadOnlyList<DecoderBlock> Blocks { get; }

    /// <summary>The linear layers of all blocks; the head is not among them.</summary>
    public IReadOnlyList<Projection> Projections { get; }

    /// <summary>The token embedding.</summary>
    public TokenEmbedding Embedding { get; }

    /// <summary>The head; its weight is the embedding's table when tied.</summary>
    public Projection Head { get; }

    /// <summary>[V, D] weight of the head, without a low-rank update that an adapter may add.</summary>
    public Tensor HeadWeight => Head.Current;

    /// <summary>Bias of the head: null in all supported families.</summary>
    public Tensor? HeadBias => null;

    /// <summary>The norm after the last block.</summary>
    internal RmsNorm LastNorm { get; }

    /// <summary>What an adapter may change, in the order of the computation.</summary>
    internal IEnumerable<AdaptableWeight> AdaptableWeights => [Embedding, .. Projections, Head];

    /// <summary>What was odd about the checkpoint but not wrong, in words; empty for a model that was not loaded.</summary>
    public IReadOnlyList<string> LoadRemarks { get; }

    /// <summary>Hidden states after the final norm.</summary>
    /// <param name="inputIds">[B, T] int64 token ids.</param>
    /// <param name="attentionMask">[B, T], nonzero on real tokens, or null when nothing is padded. Hidden states of padding are finite and mean nothing.</param>
    /// <param name="positionIds">[B, T] int64 positions for the rotary embedding, not negative, or null for 0 .. T−1 whatever the mask.</param>
    /// <param name="sampleIds">[B, T] integers: a position attends only to positions of its row with the same number; null when a row is one sample.</param>
    /// <returns>[B, T, D] in <see cref="Dtype"/>, moved to the outer dispose scope; carries a graph when something requires grad.</returns>
    /// <exception cref="ArgumentException">A shape does not fit; the message names the argument.</exception>
    public Tensor Hidden(Tensor inputIds, Tensor? attentionMask = null, Tensor? positionIds = null, Tensor? sampleIds = null)
    {
        using var scope = torch.NewDisposeScope();
        RequireIds(inputIds);
        using var context = NewContext((int)inputIds.size(0), (int)inputIds.size(1), attentionMask, positionIds, sampleIds);
        return Hidden(inputIds, context).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states after the final norm, for a context made before; extends its cache.</summary>
    /// <param name="inputIds">[B, T] int64 token ids.</param>
    /// <param name="context">From <see cref="NewContext"/>, for the same B and T.</param>
    /// <returns>[B, T, D], moved to the outer dispose scope.</returns>
    public Tensor Hidden(Tensor inputIds, ForwardContext context)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = Embed(inputIds);
        foreach (var block in Blocks)
        {
            var next = block.Forward(hidden, context);
            hidden.Dispose();
            hidden = next;
        }

        context.Cache?.Advance(context.Length);
        return FinalNorm(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>[B, T] int64 token ids to [B, T, D], moved to the outer dispose scope.</summary>
    public Tensor Embed(Tensor inputIds)
    {
        using var scope = torch.NewDisposeScope();
        return Embedding.Forward(inputIds.reshape(-1)).view(inputIds.size(0), inputIds.size(1), Config.HiddenSize).MoveToOuterDisposeScope();
    }

    /// <summary>The norm after the last block: [B, T, D] to [B, T, D], moved to the outer dispose scope.</summary>
    public Tensor FinalNorm(Tensor hidden)
    {
        using var scope = torch.NewDisposeScope();
        return LastNorm.Forward(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>[…, D] hidden states after the final norm to […, V] logits in <see cref="Dtype"/>, in the current dispose scope.</summary>
    public Tensor Logits(Tensor hidden) => Head.Forward(hidden);

    /// <summary>What the blocks need beside their input. For layer-by-layer work: <c>Embed</c>, then <c>Blocks[i].Forward(hidden, context)</c>, then <c>FinalNorm</c>.</summary>
    /// <param name="rows">B.</param>
    /// <param name="length">T.</param>
    /// <param name="attentionMask">[B, past + T], nonzero on real tokens, or null. A mask that only pads on the right costs nothing.</param>
    /// <param name="positionIds">[B, T], or null for past .. past + T − 1.</param>
    /// <param name="sampleIds">[B, T], or null; not together with a cache.</param>
    /// <param name="cache">Keys and values of earlier positions, or null. <see cref="Hidden(Tensor, ForwardContext)"/> advances it.</param>
    /// <returns>A context that the caller disposes; it is in no dispose scope.</returns>
    public ForwardContext NewContext(
        int rows, int length, Tensor? attentionMask = null, Tensor? positionIds = null, Tensor? sampleIds = null, KeyValueCache? cache = null) =>
        Context(rows, length, attentionMask, positionIds, sampleIds, cache, Dtype);

    /// <summary>As <see cref="NewContext"/>; tables and masks in the dtype in which the blocks will be computed.</summary>
    internal ForwardContext Context(
        int rows, int length, Tensor? attentionMask, Tensor? positionIds, Tensor? sampleIds, KeyValueCache? cache, torch.ScalarType dtype)
    {
        var past = cache?.Length ?? 0;
        RequireShape(nameof(attentionMask), attentionMask, rows, past + length);
        RequireShape(nameof(positionIds), positionIds, rows, length);
        RequireShape(nameof(sampleIds), sampleIds, rows, length);
        if (cache is not null && (cache.Rows != rows || past + length > cache.Capacity))
            throw new ArgumentException(
                $"cache: expected {rows} rows and room for {past + length} positions, actual {cache.Rows} rows, {cache.Capacity} positions.", nameof(cache));
        if (cache is not null && sampleIds is not null)
            throw new ArgumentException("sampleIds: packed rows cannot be continued from a cache.", nameof(sampleIds));

        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (cos, sin) = Angles(past, length, positionIds);
        var keyMask = attentionMask is null || PadsOnlyRight(attentionMask, cache) ? null : attentionMask.to(Device).ne(0).DetachFromDisposeScope();
        var samples = sampleIds?.to(Device).clone().DetachFromDisposeScope();
        return new(length, cos.to(dtype).DetachFromDisposeScope(), sin.to(dtype).DetachFromDisposeScope(), keyMask, samples, cache, dtype);
    }

    /// <summary>Gives a tied head a table of its own, so that one side can be changed without the other; does nothing when it has one.</summary>
    internal void Untie()
    {
        if (!Config.TiedHead)
            return;
        using var noGrad = torch.no_grad();
        Head.Weight = Embedding.Weight.detach().clone().DetachFromDisposeScope();
        Parameters = [.. Parameters, (ParameterNames.Head, Head.Weight)];
        Config = Config with { TiedHead = false };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Parameters)
            value.Dispose();
        _rotary.Dispose();
    }

    private (Tensor Cos, Tensor Sin) Angles(int past, int length, Tensor? positionIds)
    {
        if (positionIds is null)
        {
            var (cos, sin) = _rotary.Rows(past + length);
            return (cos.narrow(0, past, length).unsqueeze(1), sin.narrow(0, past, length).unsqueeze(1));
        }

        if (positionIds.min().ToInt64() < 0)
            throw new ArgumentException($"positionIds: expected no negative position, actual {positionIds.min().ToInt64()}.", nameof(positionIds));
        var (allCos, allSin) = _rotary.Rows(positionIds.max().ToInt64() + 1);
        var flat = positionIds.to(torch.ScalarType.Int64, Device).reshape(-1);
        long[] shape = [positionIds.size(0), length, 1, allCos.size(1)];
        return (allCos.index_select(0, flat).view(shape), allSin.index_select(0, flat).view(shape));
    }

    /// <summary>True when causal attention alone keeps padding out: no real token comes after padding. Never with a cache, which will be continued.</summary>
    private static bool PadsOnlyRight(Tensor mask, KeyValueCache? cache)
    {
        var real = mask.ne(0);
        if (real.all().ToBoolean())
            return true;
        var length = mask.size(1);
        return cache is null && !(real.narrow(1, 1, length - 1) & ~real.narrow(1, 0, length - 1)).any().ToBoolean();
    }

    private static void RequireIds(Tensor inputIds)
    {
        if (inputIds.dim() != 2 || inputIds.size(0) < 1 || inputIds.size(1) < 1 || inputIds.dtype != torch.ScalarType.Int64)
            throw new ArgumentException(
                $"inputIds: expected [B, T] int64 with at least one token, actual [{string.Join(", ", inputIds.shape)}] {inputIds.dtype}.", nameof(inputIds));
    }

    private static void RequireShape(string name, Tensor? tensor, int rows, int columns)
    {
        if (tensor is not null && (tensor.dim() != 2 || tensor.size(0) != rows || tensor.size(1) != columns))
            throw new ArgumentException($"{name}: expected [{rows}, {columns}], actual [{string.Join(", ", tensor.shape)}].", name);
    }
}
