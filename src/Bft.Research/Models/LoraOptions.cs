namespace Bft.Research.Models;

/// <summary>Shape of a new LoRA adapter. Defaults as the BFT paper's stage: rank 16 on all linear layers, α = 2·rank, no dropout.</summary>
public sealed record LoraOptions
{
    /// <summary>Rank r of every layer that <see cref="RankPattern"/> does not name.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>α of every layer that <see cref="AlphaPattern"/> does not name; the update is scaled by α / r.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Probability of dropping an input value of the adapter while training, in [0, 1). It acts on linear layers, as in PEFT, not on the embedding.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Names of layers, each a whole name or its end after a dot (<c>q_proj</c>); empty for all linear layers of blocks. <c>lm_head</c> and
    /// <c>embed_tokens</c> have to be named; with a tied head each changes its own side only.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Whether the update is scaled by α / √r instead of α / r (rank-stabilised LoRA).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Whether the length of every row of the weight is learnt apart from its direction (DoRA).</summary>
    public bool Dora { get; init; }

    /// <summary>Ranks of layers by name, as PEFT's <c>rank_pattern</c>: a regular expression for a whole name or its end after a dot; the first that fits counts.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>α of layers by name, as <see cref="RankPattern"/>.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <summary>Modules that are trained whole beside the low-rank updates: <c>embed_tokens</c>, <c>lm_head</c>. A tied head is then no longer tied.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

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
        if (Targets.Any(string.IsNullOrWhiteSpace))
            problems.Add("Targets: expected names of layers, actual an empty name");
        problems.AddRange(RankPattern.Where(p => p.Value < 1).Select(p => $"RankPattern.{p.Key}: expected a whole number above 0, actual {p.Value}"));
        problems.AddRange(AlphaPattern.Where(p => !(p.Value > 0 && double.IsFinite(p.Value))).Select(p => $"AlphaPattern.{p.Key}: expected a finite number above 0, actual {p.Value}"));
        if (ModulesToSave.Any(string.IsNullOrWhiteSpace))
            problems.Add("ModulesToSave: expected names of modules, actual an empty name");
        return problems;
    }
}
