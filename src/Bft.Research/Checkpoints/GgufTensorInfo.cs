namespace Bft.Research.Checkpoints;

/// <summary>One tensor as the header of a GGUF file describes it.</summary>
/// <param name="Name">Name in the file, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">Stored type.</param>
/// <param name="Dimensions">Dimensions as written, the fastest-varying first.</param>
/// <param name="FileOffset">First byte, counted from the start of the file.</param>
/// <param name="Bytes">Length in bytes.</param>
public sealed record GgufTensorInfo(string Name, GgufType Type, IReadOnlyList<long> Dimensions, long FileOffset, long Bytes)
{
    /// <summary>Dimensions row-major, the fastest-varying last, as torch has them.</summary>
    public long[] Shape => [.. Dimensions.Reverse()];
}
