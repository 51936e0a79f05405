namespace Bft.Research.Models.Generation;

/// <summary>Feeds prompts, padded on the left, and then one new token a row, through a model with a cache.</summary>
internal sealed class PaddedPrompts : IPromptFeed, IDisposable
{
    private readonly CausalLm _model;
    private readonly KeyValueCache _cache;
    private readonly int _rows, _width;
    private readonly int[] _padding;
    private readonly long[] _prompts;
    private readonly Tensor? _mask;

    /// <summary>Lays out B prompts and a cache for <paramref name="capacity"/> positions.</summary>
    public PaddedPrompts(CausalLm model, IReadOnlyList<IReadOnlyList<long>> prompts, int capacity)
    {
        _model = model;
        _rows = prompts.Count;
        _width = prompts.Max(prompt => prompt.Count);
        _padding = [.. prompts.Select(prompt => _width - prompt.Count)];
        _prompts = [.. prompts.SelectMany((prompt, row) => Enumerable.Repeat(0L, _padding[row]).Concat(prompt))];
        _cache = new(model, _rows, capacity);
        if (_padding.Any(padding => padding > 0))
        {
            bool[] mask = [.. _padding.SelectMany(padding => Enumerable.Range(0, capacity).Select(t => t >= padding))];
            _mask = torch.tensor(mask, [_rows, capacity], device: model.Device).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public Tensor NextLogits(IReadOnlyList<GeneratedRow> rows, int step)
    {
        var length = step == 0 ? _width : 1;
        long[] ids = step == 0 ? _prompts : [.. rows.Select(row => row.Last)];
        var positions = _mask is null ? null : torch.tensor(Positions(length), [_rows, length], device: _model.Device);
        using var context = _model.NewContext(_rows, length, _mask?.narrow(1, 0, _cache.Length + length), positions, cache: _cache);
        var hidden = _model.Hidden(torch.tensor(ids, [_rows, length], device: _model.Device), context);
        return _model.Logits(hidden.select(1, length - 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _mask?.Dispose();
    }

    /// <summary>Positions counted from the first real token of each row; 0 on padding.</summary>
    private long[] Positions(int length) =>
        [.. _padding.SelectMany(padding => Enumerable.Range(_cache.Length, length).Select(t => (long)Math.Max(0, t - padding)))];
}
