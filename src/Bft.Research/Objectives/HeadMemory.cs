namespace Bft.Research.Objectives;

/// <summary>The memory that tiles of a head share on the CPU, so that it is asked from the system once and not for every tile.</summary>
/// <remarks>
/// A head in 16 bits is multiplied in float32, from widened blocks: nothing is rounded on the way, and without matrix units it is faster. Tensors belong to the dispose
/// scope in which this is made; nothing is touched, and so no memory taken, before it is used.
/// </remarks>
internal sealed class HeadMemory
{
    private readonly Tensor _weight, _tile;
    private readonly Tensor? _block;
    private int _held = -1;

    /// <summary>Memory for tiles of so many logits at most.</summary>
    /// <param name="weight">[V, D] the head.</param>
    /// <param name="dtype">Dtype of tiles and of <see cref="Words"/>.</param>
    /// <param name="rows">Most tokens of a tile.</param>
    /// <param name="columns">Most vocabulary entries of a tile.</param>
    public HeadMemory(Tensor weight, torch.ScalarType dtype, long rows, long columns)
    {
        _weight = weight;
        _tile = torch.empty(rows * columns, dtype);
        _block = weight.dtype == dtype ? null : torch.empty([columns, weight.size(1)], dtype);
    }

    /// <summary>[rows, columns] with any content.</summary>
    public Tensor Tile(long rows, long columns) => _tile.narrow(0, 0, rows * columns).view(rows, columns);

    /// <summary>[v, D] a block of the head.</summary>
    public Tensor Words((int Start, int Length) block)
    {
        var words = _weight.narrow(0, block.Start, block.Length);
        if (_block is null)
            return words;
        var wide = _block.narrow(0, 0, block.Length);
        if (_held != block.Start)
            wide.copy_(words);
        _held = block.Start;
        return wide;
    }
}
