namespace Bft.Research.Models.Gradients;

/// <summary>Matrices that training uses again and again: memory that was touched once is not asked from the system a second time.</summary>
/// <remarks>
/// Large tensors are mapped and unmapped at every use otherwise, and their pages filled with zeros each time; that took a quarter of a training step. A buffer serves any
/// number of rows up to its own; one that is too small is given back before a larger one is made, so there are never more than were in use at one time.
/// </remarks>
internal sealed class RowBuffers(torch.ScalarType dtype) : IDisposable
{
    private readonly Dictionary<long, Stack<Tensor>> _free = [];

    /// <summary>Dtype of all buffers.</summary>
    public torch.ScalarType Dtype => dtype;

    /// <summary>A matrix with any content.</summary>
    public RowBuffer Rent(long rows, long width)
    {
        if (!_free.TryGetValue(width, out var free))
            _free[width] = free = [];
        if (!free.TryPop(out var whole) || whole.size(0) < rows)
        {
            whole?.Dispose();
            whole = torch.empty([rows, width], dtype).DetachFromDisposeScope();
        }

        return new(this, whole, whole.narrow(0, 0, rows).DetachFromDisposeScope());
    }

    /// <summary>Takes a matrix back.</summary>
    public void Return(Tensor whole) => _free[whole.size(1)].Push(whole);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var whole in _free.Values.SelectMany(free => free))
            whole.Dispose();
        _free.Clear();
    }
}

/// <summary>A rented matrix; disposing it gives it back.</summary>
internal sealed class RowBuffer(RowBuffers owner, Tensor whole, Tensor value) : IDisposable
{
    private bool _returned;

    /// <summary>[rows, width], contiguous, without a graph; in no dispose scope.</summary>
    public Tensor Value => value;

    /// <summary>Rows.</summary>
    public long Rows => value.size(0);

    /// <summary>Values a row.</summary>
    public long Width => value.size(1);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_returned)
            return;
        _returned = true;
        value.Dispose();
        owner.Return(whole);
    }
}
