using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>The logits of the supervised tokens, tile by tile. Tensors belong to the dispose scope in which this was made.</summary>
internal sealed class HeadTiles
{
    private readonly Tensor? _bias;
    private readonly long[] _targets;
    private readonly LmHeadOptions _options;

    /// <summary>Checks shapes and selects the hidden states that predict something.</summary>
    /// <exception cref="ArgumentException">A shape, dtype or target does not fit; the message names the argument, the expected and the actual value.</exception>
    public HeadTiles(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions options)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException($"LM head options: {string.Join(" ", problems)}", nameof(options));
        Require(hidden, weight, bias, scored);
        Positions = torch.tensor(scored.Positions, device: hidden.device);
        Hidden = hidden.detach().reshape(-1, hidden.shape[2]).index_select(0, Positions);
        Weight = weight.detach();
        Targets = torch.tensor(scored.Targets, device: hidden.device);
        Precise = hidden.dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;
        _bias = bias?.detach();
        _targets = scored.Targets;
        _options = options;
    }

    /// <summary>[S] flat positions of the hidden states.</summary>
    public Tensor Positions { get; }

    /// <summary>[S,D] hidden states that predict a supervised token.</summary>
    public Tensor Hidden { get; }

    /// <summary>[V,D] the head.</summary>
    public Tensor Weight { get; }

    /// <summary>[S] ids to predict.</summary>
    public Tensor Targets { get; }

    /// <summary>float64 for a float64 model, else float32: the precision of everything after the product.</summary>
    public torch.ScalarType Precise { get; }

    /// <summary>Number of supervised tokens S.</summary>
    public int Count => _targets.Length;

    /// <summary>Chunks of supervised tokens.</summary>
    public IEnumerable<(int Start, int Length)> TokenChunks => Chunks(Count, _options.TokenChunk);

    /// <summary>Blocks of the vocabulary.</summary>
    public IEnumerable<(int Start, int Length)> VocabularyBlocks => Chunks((int)Weight.shape[0], _options.VocabularyChunk);

    /// <summary>[c, v] logits of a tile, fresh and writable: product in the dtype of the model, widened to <see cref="Precise"/>.</summary>
    public Tensor Logits((int Start, int Length) tokens, (int Start, int Length) block)
    {
        var hidden = Hidden.narrow(0, tokens.Start, tokens.Length);
        var weight = Weight.narrow(0, block.Start, block.Length);
        var bias = _bias?.narrow(0, block.Start, block.Length);
        return torch.nn.functional.linear(hidden, weight, bias).to(Precise);
    }

    /// <summary>The targets that lie in a tile: their rows in it and their flat indices; null when there is none.</summary>
    public (Tensor Rows, Tensor Flat)? TargetsIn((int Start, int Length) tokens, (int Start, int Length) block)
    {
        List<long> rows = [], flat = [];
        for (var row = 0; row < tokens.Length; row++)
        {
            var column = _targets[tokens.Start + row] - block.Start;
            if (column < 0 || column >= block.Length)
                continue;
            rows.Add(row);
            flat.Add((long)row * block.Length + column);
        }

        if (rows.Count == 0)
            return null;
        return (torch.tensor(rows.ToArray(), device: Hidden.device), torch.tensor(flat.ToArray(), device: Hidden.device));
    }

    /// <summary>[B,T,D] in the dtype of the hidden states: rows at their positions, 0 elsewhere.</summary>
    public Tensor Spread(Tensor rows, ScoredPositions scored)
    {
        var spread = torch.zeros((long)scored.Rows * scored.Length, Hidden.shape[1], dtype: Hidden.dtype, device: Hidden.device);
        spread.index_copy_(0, Positions, rows.to(Hidden.dtype));
        return spread.reshape(scored.Rows, scored.Length, Hidden.shape[1]);
    }

    private static IEnumerable<(int Start, int Length)> Chunks(int count, int size)
    {
        for (var start = 0; start < count; start += size)
            yield return (start, Math.Min(size, count - start));
    }

    private static void Require(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored)
    {
        static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
        if (hidden.dim() != 3 || hidden.shape[0] != scored.Rows || hidden.shape[1] != scored.Length)
            throw new ArgumentException($"hidden: expected [{scored.Rows}, {scored.Length}, D], actual {Shape(hidden)}.", nameof(hidden));
        if (weight.dim() != 2 || weight.shape[1] != hidden.shape[2])
            throw new ArgumentException($"weight: expected [V, {hidden.shape[2]}], actual {Shape(weight)}.", nameof(weight));
        if (bias is not null && (bias.dim() != 1 || bias.shape[0] != weight.shape[0]))
            throw new ArgumentException($"bias: expected [{weight.shape[0]}], actual {Shape(bias)}.", nameof(bias));
        if (weight.dtype != hidden.dtype || (bias is not null && bias.dtype != hidden.dtype))
            throw new ArgumentException($"weight, bias: expected the dtype of hidden, {hidden.dtype}, actual {weight.dtype}, {bias?.dtype}.", nameof(weight));
        foreach (var target in scored.Targets)
            if (target < 0 || target >= weight.shape[0])
                throw new ArgumentException($"scored: expected targets in [0, {weight.shape[0]}), actual {target}.", nameof(scored));
    }
}
