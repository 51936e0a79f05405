namespace Bft.Research.Models;

/// <summary>Keys and values of the positions seen so far, one pair of tensors a block, allocated once.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys, _values;
    private readonly Func<Tensor> _make;

    /// <summary>Makes an empty cache for a model.</summary>
    /// <param name="model">Model that will fill it.</param>
    /// <param name="rows">Sequences B.</param>
    /// <param name="capacity">Largest number of positions.</param>
    public KeyValueCache(CausalLm model, int rows, int capacity)
    {
        Rows = rows;
        Capacity = capacity;
        var config = model.Config;
        var (dtype, device) = (model.Dtype, model.Device);
        _make = () => torch.zeros([rows, config.KeyValueHeads, Capacity, config.HeadDim], dtype, device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => _make())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => _make())];
    }

    /// <summary>Sequences B.</summary>
    public int Rows { get; }

    /// <summary>Largest number of positions.</summary>
    public int Capacity { get; private set; }

    /// <summary>Positions held.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets positions from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Makes room for more positions; those held stay.</summary>
    /// <param name="capacity">Largest number of positions; nothing happens when there is room for as many.</param>
    public void Reserve(int capacity)
    {
        if (capacity <= Capacity)
            return;
        Capacity = capacity;
        foreach (var tensors in (Tensor[][])[_keys, _values])
            for (var layer = 0; layer < tensors.Length; layer++)
            {
                using var scope = torch.NewDisposeScope();
                using var old = tensors[layer];
                tensors[layer] = _make();
                tensors[layer].narrow(2, 0, Length).copy_(old.narrow(2, 0, Length));
            }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
    }

    /// <summary>Stores the keys and values [B, heads, T, width] of new positions of a block and gives all of that block, from position <paramref name="from"/> on.</summary>
    internal (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values, int length, int from)
    {
        _keys[layer].narrow(2, Length, length).copy_(keys);
        _values[layer].narrow(2, Length, length).copy_(values);
        var seen = Length + length - from;
        return (_keys[layer].narrow(2, from, seen), _values[layer].narrow(2, from, seen));
    }

    /// <summary>Counts positions that every block has stored.</summary>
    internal void Advance(int length) => Length += length;
}
