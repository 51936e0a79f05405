namespace Bft.Research.Uncertainty;

/// <summary>How many tokens of a stretch are low, and how they lie. A token is low when its confidence is strictly below the threshold.</summary>
/// <param name="Length">Tokens of the stretch.</param>
/// <param name="LowCount">Low tokens.</param>
/// <param name="LongestRun">Tokens of the longest run of neighbouring low tokens; 0 when there is none.</param>
public readonly record struct LowConfidence(int Length, int LowCount, int LongestRun)
{
    /// <summary>Share of low tokens; 0 for an empty stretch.</summary>
    public double Fraction => Length == 0 ? 0 : (double)LowCount / Length;

    /// <summary>Counts a stretch.</summary>
    /// <param name="confidences">[n] probabilities of the reference tokens.</param>
    /// <param name="threshold">A token is low when its confidence is strictly below.</param>
    public static LowConfidence Count(ReadOnlySpan<double> confidences, double threshold)
    {
        int low = 0, run = 0, longest = 0;
        foreach (var confidence in confidences)
        {
            run = confidence < threshold ? run + 1 : 0;
            low += run > 0 ? 1 : 0;
            longest = Math.Max(longest, run);
        }

        return new(confidences.Length, low, longest);
    }
}
