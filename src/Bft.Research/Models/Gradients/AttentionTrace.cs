namespace Bft.Research.Models.Gradients;

/// <summary>Attention of a block from rotated heads on, with the graph that libtorch's fused kernel needs for its way back.</summary>
/// <param name="query">[N, heads · width] rotated; its memory is what <see cref="Leaves"/> see.</param>
/// <param name="key">[N, key-value heads · width] rotated.</param>
/// <param name="value">[N, key-value heads · width].</param>
/// <param name="plainQuery">[N, heads · width] before norm and rotation; null without norms on heads.</param>
/// <param name="plainKey">As <paramref name="plainQuery"/>.</param>
internal sealed class AttentionTrace(RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer? plainQuery, RowBuffer? plainKey) : IDisposable
{
    private Tensor[] _leaves = [];

    /// <summary>[N, heads · width].</summary>
    public RowBuffer Query => query;

    /// <summary>[N, key-value heads · width].</summary>
    public RowBuffer Key => key;

    /// <summary>[N, key-value heads · width].</summary>
    public RowBuffer Value => value;

    /// <summary>Query before norm and rotation, where it is normalised.</summary>
    public RowBuffer? PlainQuery => plainQuery;

    /// <summary>Key before norm and rotation, where it is normalised.</summary>
    public RowBuffer? PlainKey => plainKey;

    /// <summary>[B, heads, T, width] views of query, key and value that get gradients; empty when attention runs without a graph.</summary>
    public IReadOnlyList<Tensor> Leaves => _leaves;

    /// <summary>[N, heads · width] the mix of values; with a graph when there are leaves.</summary>
    public Tensor? Mixed { get; private set; }

    /// <summary>Mixes the values.</summary>
    /// <param name="block">The block.</param>
    /// <param name="context">Masks.</param>
    /// <param name="rows">B.</param>
    /// <param name="graph">Whether there will be a way back.</param>
    public void Mix(DecoderBlock block, ForwardContext context, long rows, bool graph)
    {
        using var scope = torch.NewDisposeScope();
        using var mode = torch.set_grad_enabled(graph);
        var head = block.Config.HeadDim;
        _leaves = [.. new[] { query, key, value }.Select(x =>
            x.Value.view(rows, context.Length, x.Width / head, head).transpose(1, 2).detach().requires_grad_(graph).DetachFromDisposeScope())];
        var mixed = block.Mix(_leaves[0], _leaves[1], _leaves[2], context.Mask(block.Config.Window(block.Layer)));
        Mixed = mixed.view(query.Rows, query.Width).DetachFromDisposeScope();
    }

    /// <summary>Turns the three buffers into the gradients of what they hold; the graph is gone afterwards.</summary>
    /// <param name="gradMixed">[N, heads · width].</param>
    public void Backward(Tensor gradMixed)
    {
        using var scope = torch.NewDisposeScope();
        Mixed!.backward([gradMixed]);
        Tensor[] gradients = [.. _leaves.Select(leaf => leaf.grad!.transpose(1, 2))];
        ReleaseGraph();
        using var off = torch.no_grad();
        foreach (var (buffer, gradient) in new[] { query, key, value }.Zip(gradients))
            buffer.Value.view(gradient.shape).copy_(gradient);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseGraph();
        query.Dispose();
        key.Dispose();
        value.Dispose();
        plainQuery?.Dispose();
        plainKey?.Dispose();
    }

    private void ReleaseGraph()
    {
        Mixed?.Dispose();
        foreach (var leaf in _leaves)
            leaf.Dispose();
        _leaves = [];
    }
}
