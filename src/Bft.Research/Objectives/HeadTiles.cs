using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>The logits of the supervised tokens, tile by tile. Tensors belong to the dispose scope in which this was made.</summary>
internal sealed class HeadTiles
{
    private readonly Tensor? _bias;
    private readonly long[] _targets;
    private readonly LmHeadOptions _options;
    private readonly HeadUpdate? _update;
    private readonly HeadMemory? _memory;
    private readonly Tensor _rows;
    private readonly Tensor? _thinned;
    private readonly Tensor? _rest;

    /// <summary>Checks shapes and selects the hidden states that predict something.</summary>
    /// <exception cref="ArgumentException">A shape, dtype or target does not fit; the message names the argument, the expected and the actual value.</exception>
    public HeadTiles(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions options, HeadUpdate? update = null)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException($"LM head options: {string.Join(" ", problems)}", nameof(options));
        Require(hidden, weight, bias, scored);
        Require(hidden, weight, update);
        Positions = torch.tensor(scored.Positions, device: hidden.device);
        Hidden = hidden.detach().reshape(-1, hidden.shape[2]).index_select(0, Positions);
        Weight = weight.detach();
        Targets = torch.tensor(scored.Targets, device: hidden.device);
        Precise = hidden.dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;
        _bias = bias?.detach();
        _targets = scored.Targets;
        _options = options;
        _update = update;
        Low = update?.Low.detach().reshape(-1, update.Up.shape[1]).index_select(0, Positions).to(Precise);
        Up = update?.Up.detach().to(Precise);
        Scale = update?.Scale?.detach().to(Precise);
        if (hidden.device_type == DeviceType.CPU)
            _memory = new(Weight, Precise, Math.Min(Count, options.TokenChunk), Math.Min(Weight.size(0), options.VocabularyChunk));
        _rows = _memory is null ? Hidden : Hidden.to(Precise);
        _thinned = update?.Thinned?.detach().reshape(-1, Hidden.shape[1]).index_select(0, Positions).to(_rows.dtype);
        _rest = _thinned is null ? null : _rows - _thinned;
    }

    /// <summary>[S] flat positions of the hidden states.</summary>
    public Tensor Positions { get; }

    /// <summary>[S,D] hidden states that predict a supervised token.</summary>
    public Tensor Hidden { get; }

    /// <summary>[V,D] the head.</summary>
    public Tensor Weight { get; }

    /// <summary>[S,r] low-rank states of the update in <see cref="Precise"/>, or null.</summary>
    public Tensor? Low { get; }

    /// <summary>[V,r] matrix of the update in <see cref="Precise"/>, or null.</summary>
    public Tensor? Up { get; }

    /// <summary>[V] factor of the logits in <see cref="Precise"/>, or null.</summary>
    public Tensor? Scale { get; }

    /// <summary>Whether <see cref="Scale"/> acts on thinned states.</summary>
    public bool Thins => _thinned is not null;

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

    /// <summary>[c, D] selected hidden states as products take them: on the CPU in <see cref="Precise"/>, elsewhere in the dtype of the model.</summary>
    public Tensor Rows((int Start, int Length) tokens) => _rows.narrow(0, tokens.Start, tokens.Length);

    /// <summary>[v, D] a block of the head, in the dtype of <see cref="Rows"/>; good until the next block is asked for.</summary>
    public Tensor Words((int Start, int Length) block) => _memory?.Words(block) ?? Weight.narrow(0, block.Start, block.Length);

    /// <summary>[c, v] logits of a tile in <see cref="Precise"/>, writable.</summary>
    /// <param name="tokens">The chunk of supervised tokens.</param>
    /// <param name="block">The block of the vocabulary.</param>
    /// <param name="lasting">Whether the tile is the caller's; otherwise it is good until the next one is asked for.</param>
    public Tensor Logits((int Start, int Length) tokens, (int Start, int Length) block, bool lasting = false)
    {
        if (_update is null)
            return Product(_rows, tokens, block, _bias, lasting);
        var logits = Unscaled(tokens, block, lasting);
        if (Scale is not null)
            logits.mul_(Scale.narrow(0, block.Start, block.Length));
        if (_rest is not null)
            AddRest(logits, _rest.narrow(0, tokens.Start, tokens.Length), block);
        return _bias is null ? logits : logits.add_(_bias.narrow(0, block.Start, block.Length));
    }

    /// <summary>[c, v] logits of a tile before <see cref="Scale"/> and bias.</summary>
    public Tensor Unscaled((int Start, int Length) tokens, (int Start, int Length) block, bool lasting)
    {
        var logits = Product(_thinned ?? _rows, tokens, block, null, lasting);
        return Low is null ? logits : logits.addmm_(Low.narrow(0, tokens.Start, tokens.Length), Up!.narrow(0, block.Start, block.Length).t());
    }

    /// <summary>sums += tile · words of a block, rounded to the dtype of the words where they are narrower.</summary>
    /// <param name="sums">[c, D] in <see cref="Precise"/>.</param>
    /// <param name="tile">[c, v].</param>
    /// <param name="block">The block of the vocabulary.</param>
    public void AddProduct(Tensor sums, Tensor tile, (int Start, int Length) block)
    {
        var words = Words(block);
        if (words.dtype == Precise)
            sums.addmm_(tile, words);
        else
            sums.add_(tile.to(words.dtype).mm(words));
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

    /// <summary>[B,T,·] in the dtype of the hidden states: rows at their positions, 0 elsewhere.</summary>
    public Tensor Spread(Tensor rows, ScoredPositions scored)
    {
        var spread = torch.zeros((long)scored.Rows * scored.Length, rows.shape[1], dtype: Hidden.dtype, device: Hidden.device);
        spread.index_copy_(0, Positions, rows.to(Hidden.dtype));
        return spread.reshape(scored.Rows, scored.Length, rows.shape[1]);
    }

    private void AddRest(Tensor logits, Tensor rest, (int Start, int Length) block)
    {
        if (_memory is null)
            logits.add_(torch.nn.functional.linear(rest, Words(block)));
        else
            logits.addmm_(rest, Words(block).t(), 1, 1);
    }

    private Tensor Product(Tensor rows, (int Start, int Length) tokens, (int Start, int Length) block, Tensor? bias, bool lasting)
    {
        rows = rows.narrow(0, tokens.Start, tokens.Length);
        bias = bias?.narrow(0, block.Start, block.Length);
        if (_memory is null)
            return torch.nn.functional.linear(rows, Words(block), bias).to(Precise);
        var tile = lasting ? torch.empty([tokens.Length, block.Length], Precise) : _memory.Tile(tokens.Length, block.Length);
        var logits = tile.addmm_(rows, Words(block).t(), 0, 1);
        return bias is null ? logits : logits.add_(bias);
    }

    private static IEnumerable<(int Start, int Length)> Chunks(int count, int size)
    {
        for (var start = 0; start < count; start += size)
            yield return (start, Math.Min(size, count - start));
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";

    private static void Require(Tensor hidden, Tensor weight, HeadUpdate? update)
    {
        if (update is null)
            return;
        if (update.Up.dim() != 2 || update.Up.shape[0] != weight.shape[0])
            throw new ArgumentException($"up: expected [{weight.shape[0]}, r], actual {Shape(update.Up)}.", nameof(update));
        if (!update.Low.shape.SequenceEqual([hidden.shape[0], hidden.shape[1], update.Up.shape[1]]))
            throw new ArgumentException($"low: expected [{hidden.shape[0]}, {hidden.shape[1]}, {update.Up.shape[1]}], actual {Shape(update.Low)}.", nameof(update));
        if (update.Thinned is { } thinned && (update.Scale is null || weight.requires_grad || !thinned.shape.SequenceEqual(hidden.shape)))
            throw new ArgumentException($"thinned: expected {Shape(hidden)} beside a scale and a weight that does not train, actual {Shape(thinned)}.", nameof(update));
        if (update.Scale is { } scale && !scale.shape.SequenceEqual([weight.shape[0]]))
            throw new ArgumentException($"scale: expected [{weight.shape[0]}], actual {Shape(scale)}.", nameof(update));
    }

    private static void Require(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored)
    {
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
