namespace Bft.Research.Models.Gradients;

/// <summary>What a block keeps for its way back: its input, and unless it is to be computed again everything that products read or made.</summary>
internal sealed class BlockTrace(RowBuffer input) : IDisposable
{
    /// <summary>[N, D] the block's input.</summary>
    public RowBuffer Input => input;

    /// <summary>Attention with its graph from rotated heads to the mix of values; null until the block has run.</summary>
    public AttentionTrace? Attention { get; set; }

    /// <summary>[N, D] after attention.</summary>
    public RowBuffer? Middle { get; set; }

    /// <summary>[N, I] output of the gate projection.</summary>
    public RowBuffer? Gate { get; set; }

    /// <summary>[N, I] output of the up projection.</summary>
    public RowBuffer? Up { get; set; }

    /// <summary>Gives back everything but the input.</summary>
    public void Release()
    {
        Attention?.Dispose();
        Middle?.Dispose();
        Gate?.Dispose();
        Up?.Dispose();
        (Attention, Middle, Gate, Up) = (null, null, null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        input.Dispose();
    }
}
