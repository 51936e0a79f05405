namespace Bft.Research.Checkpoints;

/// <summary>The bytes of a tensor as files and digests take them.</summary>
internal static class TensorBytes
{
    private const long PartBytes = 1 << 26;

    /// <summary>Takes some bytes.</summary>
    /// <param name="bytes">Good during the call only.</param>
    public delegate void Taker(ReadOnlySpan<byte> bytes);

    /// <summary>Hands out all elements, row-major and little-endian, from where they lie: nothing is copied unless they are on another device or not contiguous.</summary>
    /// <param name="tensor">Any device, layout and dtype.</param>
    /// <param name="take">Called for one part after the other.</param>
    public static void Read(Tensor tensor, Taker take)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        var count = flat.numel();
        var part = PartBytes / flat.ElementSize;
        for (var start = 0L; start < count; start += part)
            take(flat.narrow(0, start, Math.Min(part, count - start)).bytes);
    }
}
