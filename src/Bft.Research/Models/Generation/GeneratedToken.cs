namespace Bft.Research.Models.Generation;

/// <summary>A token that was just chosen.</summary>
/// <param name="Row">Number of its prompt.</param>
/// <param name="Id">The id; an end token is given too.</param>
/// <param name="LogProb">Natural log of the probability that the unmodified model gave it (nats).</param>
/// <param name="Ends">Whether it ends its row.</param>
public readonly record struct GeneratedToken(int Row, long Id, double LogProb, bool Ends);
