namespace Bft.Research.Models.Generation;

/// <summary>What a model wrote after a prompt.</summary>
public sealed record Continuation
{
    /// <summary>New ids, the end token included, no padding.</summary>
    public required long[] Tokens { get; init; }

    /// <summary>Natural log of the probability that the unmodified model gave each new id (nats), before penalties, filters and suppression.</summary>
    public required double[] LogProbs { get; init; }

    /// <summary>True when an end token was chosen, false when the limit of new tokens ended the row.</summary>
    public required bool Ended { get; init; }
}
