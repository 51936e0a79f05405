using Bft.Research.Numerics;

namespace Bft.Research.Data;

/// <summary>One micro-batch as managed arrays; it may cross an <c>await</c>, tensors may not.</summary>
public sealed record TokenBatch
{
    /// <summary>Number of rows B.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of positions T of every row, padding included.</summary>
    public required int Length { get; init; }

    /// <summary>[B·T] token ids, row by row.</summary>
    public required long[] InputIds { get; init; }

    /// <summary>[B·T] true on real tokens, or null when no row is padded.</summary>
    public bool[]? AttentionMask { get; init; }

    /// <summary>[B·T] positions for the rotary embedding, or null for 0 .. T−1. Packed rows restart at every sample.</summary>
    public long[]? PositionIds { get; init; }

    /// <summary>[B·T] sample number inside the row for packed rows (attention stays inside a sample), or null when a row is one sample.</summary>
    public int[]? SampleIds { get; init; }

    /// <summary>What is supervised.</summary>
    public required ScoredPositions Scored { get; init; }

    /// <summary>[samples] where each sample came from (file and line, or row number), for error messages and logs.</summary>
    public IReadOnlyList<string> SampleNames { get; init; } = [];
}
