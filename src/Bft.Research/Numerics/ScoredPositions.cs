namespace Bft.Research.Numerics;

/// <summary>The supervised tokens of a batch after the label shift: which hidden state predicts which token, grouped by sample.</summary>
/// <remarks>
/// Samples are what objectives weigh. In a packed row several samples share a row, so sample boundaries, not rows, delimit windows and sequence weights.
/// Made by <see cref="NextToken"/> only, the one place that shifts labels.
/// </remarks>
public sealed record ScoredPositions
{
    /// <summary>Number of rows B of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of positions T of every row.</summary>
    public required int Length { get; init; }

    /// <summary>[S] flat index <c>row · T + position</c> of the hidden state that predicts the token; ascending inside a sample.</summary>
    public required long[] Positions { get; init; }

    /// <summary>[S] id of the token to predict.</summary>
    public required long[] Targets { get; init; }

    /// <summary>[samples + 1] offsets into <see cref="Positions"/>; sample i owns <c>Starts[i] .. Starts[i + 1]</c> and may be empty.</summary>
    public required int[] Starts { get; init; }

    /// <summary>[S] turn number of each token, or null when turns are not told apart.</summary>
    public int[]? Turns { get; init; }

    /// <summary>[S] whether each token ends a response, or null when none is known to.</summary>
    public bool[]? Ends { get; init; }

    /// <summary>Number of supervised tokens S.</summary>
    public int Count => Positions.Length;

    /// <summary>Number of samples.</summary>
    public int Samples => Starts.Length - 1;
}
