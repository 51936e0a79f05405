namespace Bft.Research.Models;

/// <summary>Keys and values of the positions seen so far, one pair of tensors a block, allocated once.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys, _values;

    /// <summary>Makes an empty cache for a model.</summary>
    /// <param name="model">Model that will fill it.</param>
    /// <param name="rows">Sequences B.</param>
    /// <param name="capacity">Largest number of positions.</param>
    public KeyValueCache(CausalLm model, int rows, int capacity)
    {
        Rows = rows;
        Capacity = capacity;
        var config = model.Config;
        Tensor Make() => torch.zeros([rows, config.KeyValueHeads, capacity, config.HeadDim], model.Dtype, model.Device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
    }

    /// <summary>Sequences B.</summary>
    public int Rows { get; }

    /// <summary>Largest number of positions.</summary>
    public int Capacity { get; }

    /// <summary>Positions held.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets positions from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
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
