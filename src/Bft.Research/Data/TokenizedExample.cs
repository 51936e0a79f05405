using Bft.Research.Numerics;

namespace Bft.Research.Data;

/// <summary>One row to learn from, as tokens.</summary>
public sealed record TokenizedExample
{
    /// <summary>[T] token ids.</summary>
    public required int[] Ids { get; init; }

    /// <summary>[T] the same ids where they are supervised, <see cref="NextToken.Ignored"/> elsewhere; not shifted.</summary>
    public required long[] Labels { get; init; }

    /// <summary>[T] number of the response that a supervised token belongs to, from 0; −1 elsewhere. Null when there is one response.</summary>
    public int[]? Turns { get; init; }

    /// <summary>[taught responses] position of the taught token that ends each, or −1 when there is none.</summary>
    public IReadOnlyList<int> Ends { get; init; } = [];

    /// <summary>Where it came from: file and line.</summary>
    public required string Name { get; init; }

    /// <summary>What is the matter with it although it is used; counted as warnings.</summary>
    public IReadOnlyList<DataFileException> Remarks { get; init; } = [];

    /// <summary>Number of tokens T.</summary>
    public int Length => Ids.Length;

    /// <summary>Number of supervised tokens that something predicts; a label at position 0 never counts.</summary>
    public int Supervised => Labels.Skip(1).Count(label => label != NextToken.Ignored);
}
