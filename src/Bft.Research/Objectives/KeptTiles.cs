namespace Bft.Research.Objectives;

/// <summary>Tiles of exp(z − reference) that the second pass need not compute again, up to a number of entries.</summary>
internal sealed class KeptTiles(long capacity)
{
    private readonly Dictionary<((int, int) Tokens, (int, int) Block), (Tensor Exponentials, Tensor Reference)> _tiles = [];
    private long _free = capacity;

    /// <summary>Whether a tile of so many entries would be kept.</summary>
    public bool HasRoom(long entries) => entries <= _free;

    /// <summary>Keeps a tile if there is room: it then belongs to the scope around the current one.</summary>
    public void Offer((int, int) tokens, (int, int) block, Tensor exponentials, Tensor reference)
    {
        if (!HasRoom(exponentials.numel()))
            return;
        _free -= exponentials.numel();
        _tiles[(tokens, block)] = (exponentials.MoveToOuterDisposeScope(), reference.clone().MoveToOuterDisposeScope());
    }

    /// <summary>A kept tile, given away: the caller may overwrite it and disposes it.</summary>
    public (Tensor Exponentials, Tensor Reference)? Take((int, int) tokens, (int, int) block) =>
        _tiles.Remove((tokens, block), out var tile) ? tile : null;
}
