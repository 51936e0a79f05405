namespace Bft.Research.Training;

/// <summary>Constants of <see cref="AdamW"/>; the learning rate comes with every step.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the bias-corrected mean square.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay per step and unit of learning rate; 0 turns it off.</summary>
    public double WeightDecay { get; init; }

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (!(Beta1 is >= 0 and < 1))
            problems.Add($"Beta1: expected 0 ≤ β1 < 1, actual {Beta1}");
        if (!(Beta2 is >= 0 and < 1))
            problems.Add($"Beta2: expected 0 ≤ β2 < 1, actual {Beta2}");
        if (!(Epsilon >= 0 && double.IsFinite(Epsilon)))
            problems.Add($"Epsilon: expected a finite number ≥ 0, actual {Epsilon}");
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay)))
            problems.Add($"WeightDecay: expected a finite number ≥ 0, actual {WeightDecay}");
        return problems;
    }
}
