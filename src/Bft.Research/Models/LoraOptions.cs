namespace Bft.Research.Models;

/// <summary>Shape of a new LoRA adapter. Defaults as the BFT paper's stage: rank 16 on all linear layers, α = 2·rank, no dropout.</summary>
public sealed record LoraOptions
{
    /// <summary>Rank r of every layer.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>α; the update is scaled by α / r.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Probability of dropping an input value of the adapter while training, in [0, 1).</summary>
    public double Dropout { get; init; }

    /// <summary>Names of layers, each a whole name or its end after a dot (<c>q_proj</c>); empty for all linear layers. The head is never one of them.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Whether the update is scaled by α / √r instead of α / r (rank-stabilised LoRA).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Whether the length of every row of the weight is learnt apart from its direction (DoRA).</summary>
    public bool Dora { get; init; }

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Rank < 1)
            problems.Add($"Rank: expected a whole number above 0, actual {Rank}");
        if (!(Alpha > 0 && double.IsFinite(Alpha)))
            problems.Add($"Alpha: expected a finite number above 0, actual {Alpha}");
        if (!(Dropout is >= 0 and < 1))
            problems.Add($"Dropout: expected 0 ≤ p < 1, actual {Dropout}");
        if (Dora && Dropout != 0)
            problems.Add($"Dropout: expected 0 beside Dora, actual {Dropout}");
        if (Targets.Any(string.IsNullOrWhiteSpace))
            problems.Add("Targets: expected names of layers, actual an empty name");
        return problems;
    }
}
