namespace Bft.Research.Uncertainty;

/// <summary>Runs of low tokens: maximal stretches of neighbours below a threshold.</summary>
/// <param name="Length">Tokens n.</param>
/// <param name="Runs">Tokens of each run, in order.</param>
public sealed record LowRuns(int Length, IReadOnlyList<int> Runs)
{
    /// <summary>Low tokens k.</summary>
    public int LowCount { get; } = Runs.Sum();

    /// <summary>Tokens of the longest run; 0 when there is none.</summary>
    public int Longest { get; } = Runs.Count == 0 ? 0 : Runs.Max();

    /// <summary>Neighbouring pairs of which both are low.</summary>
    public int Pairs => LowCount - Runs.Count;

    /// <summary>Pairs expected when k low tokens are placed at random among n: k (k − 1) / n.</summary>
    public double ExpectedPairs => (double)LowCount * (LowCount - 1) / Length;

    /// <summary>Low tokens in runs of at least <paramref name="length"/>.</summary>
    public int InRunsOf(int length) => Runs.Where(run => run >= length).Sum();

    /// <summary>Finds the runs; a token is low when its confidence is strictly below the threshold.</summary>
    public static LowRuns Of(ReadOnlySpan<double> confidences, double threshold)
    {
        var runs = new List<int>();
        var run = 0;
        foreach (var confidence in confidences)
        {
            if (confidence < threshold)
            {
                run++;
                continue;
            }

            if (run > 0)
                runs.Add(run);
            run = 0;
        }

        if (run > 0)
            runs.Add(run);
        return new(confidences.Length, runs);
    }
}
