namespace Bft.Research.Models.Generation;

/// <summary>Turns the logits of one position into the probabilities that a token is drawn from.</summary>
/// <remarks>
/// Order: repetition penalty, temperature, top-k, top-p, min-p, softmax; top-p and min-p see probabilities renormalised after the step before. Source: the logits
/// processors of Transformers 5, in the order in which its <c>generate</c> applies them. Differs: everything is computed in float64, and equal logits at the border of
/// top-p fall in the order of their ids (larger ids first), where that library leaves the order open.
/// </remarks>
public sealed record SamplingFilters
{
    /// <summary>Each id already in the sequence has its logit divided by this when above 0, multiplied when below; 1 does nothing (Keskar et al. 2019).</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Logits are divided by this; 1 does nothing.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps logits not below the k-th largest, so more than k when there are ties; 0 does nothing.</summary>
    public int TopK { get; init; }

    /// <summary>Drops the least probable tokens while their probabilities together are at most 1 − this; 1 does nothing. One token always stays.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens whose probability is at least this times the largest; 0 does nothing.</summary>
    public double MinP { get; init; }

    /// <summary>Everything that is wrong with these values; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (!(RepetitionPenalty > 0))
            yield return $"RepetitionPenalty: expected a number above 0, actual {RepetitionPenalty}";
        if (!(Temperature > 0))
            yield return $"Temperature: expected a number above 0, actual {Temperature}; greedy choice is Sample = false";
        if (TopK < 0)
            yield return $"TopK: expected 0 (off) or more, actual {TopK}";
        if (!(TopP is > 0 and <= 1))
            yield return $"TopP: expected a number above 0 and at most 1, actual {TopP}";
        if (!(MinP is >= 0 and <= 1))
            yield return $"MinP: expected a number from 0 to 1, actual {MinP}";
    }

    /// <summary>The probabilities to draw from.</summary>
    /// <param name="logits">[V] logits; changed in place.</param>
    /// <param name="history">Ids already in the sequence, prompt included, padding not; repeated ids count once.</param>
    /// <returns>[V] probabilities, 0 for what was dropped.</returns>
    public double[] Apply(double[] logits, IEnumerable<long> history)
    {
        Penalise(logits, history);
        return Probabilities(logits);
    }

    /// <summary>The steps after the repetition penalty.</summary>
    /// <param name="logits">[V] logits; changed in place.</param>
    /// <returns>[V] probabilities, 0 for what was dropped.</returns>
    public double[] Probabilities(double[] logits)
    {
        if (Temperature != 1)
            for (var i = 0; i < logits.Length; i++)
                logits[i] /= Temperature;
        if (TopK > 0)
            KeepLargest(logits);
        if (TopP < 1)
            KeepMass(logits);
        if (MinP > 0)
            KeepNearLargest(logits);
        return Softmax(logits);
    }

    /// <summary>The repetition penalty alone, in place; what greedy decoding needs.</summary>
    /// <param name="logits">[V] logits.</param>
    /// <param name="history">Ids already in the sequence.</param>
    public void Penalise(double[] logits, IEnumerable<long> history)
    {
        if (RepetitionPenalty == 1)
            return;
        foreach (var id in history.Distinct())
            logits[id] = logits[id] < 0 ? logits[id] * RepetitionPenalty : logits[id] / RepetitionPenalty;
    }

    private static double[] Softmax(double[] logits)
    {
        var largest = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp(logit - largest))];
        var sum = weights.Sum();
        for (var i = 0; i < weights.Length; i++)
            weights[i] /= sum;
        return weights;
    }

    private void KeepLargest(double[] logits)
    {
        if (TopK >= logits.Length)
            return;
        double[] sorted = [.. logits];
        Array.Sort(sorted);
        var border = sorted[^TopK];
        Drop(logits, i => logits[i] < border);
    }

    private void KeepMass(double[] logits)
    {
        var probabilities = Softmax(logits);
        var order = Enumerable.Range(0, logits.Length).ToArray();
        Array.Sort(order, (a, b) => logits[a] != logits[b] ? logits[a].CompareTo(logits[b]) : b.CompareTo(a));
        var dropped = 0.0;
        foreach (var id in order.AsSpan(0, order.Length - 1))
        {
            dropped += probabilities[id];
            if (dropped > 1 - TopP)
                return;
            logits[id] = double.NegativeInfinity;
        }
    }

    private void KeepNearLargest(double[] logits)
    {
        var probabilities = Softmax(logits);
        var border = MinP * probabilities.Max();
        Drop(logits, i => probabilities[i] < border);
    }

    private static void Drop(double[] logits, Func<int, bool> condition)
    {
        for (var i = 0; i < logits.Length; i++)
            if (condition(i))
                logits[i] = double.NegativeInfinity;
    }
}
