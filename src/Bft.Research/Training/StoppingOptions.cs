namespace Bft.Research.Training;

/// <summary>What ends a run before its plan does, and by what the best checkpoint is chosen.</summary>
public sealed record StoppingOptions
{
    /// <summary>The number of the held-out rows that decides.</summary>
    public HeldOutMetric Metric { get; init; }

    /// <summary>Evaluations in a row without a gain after which the run ends; null goes on.</summary>
    public int? Patience { get; init; }

    /// <summary>By how much an evaluation must be better than the best before it to count as a gain, in the unit of the metric.</summary>
    public double MinimumGain { get; init; }

    /// <summary>Optimiser steps between measurements of general text; 0 measures it whenever held-out rows are measured. It is measured before the first step as well.</summary>
    public int ForgettingEvery { get; init; }

    /// <summary>Rise of the mean −log p of general text over its start (nats) beyond which the run ends; null only reports it.</summary>
    public double? MaxForgetting { get; init; }

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(bool good, string name, string expected, object? actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {actual}");
        }

        Check(Enum.IsDefined(Metric), nameof(Metric), "a metric", Metric);
        Check(Patience is null or >= 1, nameof(Patience), "a whole number above 0", Patience);
        Check(MinimumGain >= 0 && double.IsFinite(MinimumGain), nameof(MinimumGain), "a finite number of at least 0", MinimumGain);
        Check(ForgettingEvery >= 0, nameof(ForgettingEvery), "a whole number of at least 0", ForgettingEvery);
        Check(MaxForgetting is null || (MaxForgetting >= 0 && double.IsFinite(MaxForgetting.Value)), nameof(MaxForgetting), "a finite number of at least 0", MaxForgetting);
        return problems;
    }
}
