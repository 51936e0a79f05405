using Bft.Research.Uncertainty;

namespace Bft.Research.Objectives;

/// <summary>The objectives that weigh −log p of reference tokens.</summary>
public enum ObjectiveKind
{
    /// <summary>Supervised fine-tuning: weight 1.</summary>
    Sft,

    /// <summary>Dynamic fine-tuning (arXiv 2508.05629): weight c, the probability of the token.</summary>
    Dft,

    /// <summary>BFT v1 as released: weight c, sequence weight from the lowest geometric window mean.</summary>
    BftV1Code,

    /// <summary>BFT v1 as the paper states it: weight c, sequence weight from the lowest arithmetic window mean.</summary>
    BftV1Paper,

    /// <summary>BFT v3: weight c over the local mean, sequence weight from the lowest centred window mean.</summary>
    BftV3,
}

/// <summary>Which half of BFT is switched off.</summary>
public enum Ablation
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>Sequence weight 1: token weights only.</summary>
    TokenOnly,

    /// <summary>Token weight 1: sequence weights only.</summary>
    SequenceOnly,
}

/// <summary>Over which tokens windows run.</summary>
public enum WindowScope
{
    /// <summary>All supervised tokens of a sample put together, so a window may straddle two turns (as released).</summary>
    Sequence,

    /// <summary>The supervised tokens of each turn; the lowest window is the lowest over the turns, and a turn shorter than the window is one window.</summary>
    Turn,
}

/// <summary>What the weighted losses are divided by.</summary>
public enum Reduction
{
    /// <summary>Σ s·w·l / N with N the supervised tokens of the whole accumulated batch.</summary>
    PerToken,

    /// <summary>Mean over the samples of the whole accumulated batch of s · Σ w·l / (n + ε).</summary>
    PerSequence,

    /// <summary>That mean inside each micro-batch, added up: what the released code does under gradient accumulation.</summary>
    SumOverMicroBatches,

    /// <summary>That mean inside each micro-batch, averaged; not the same as <see cref="PerSequence"/> when micro-batches differ in size.</summary>
    MeanOverMicroBatches,
}

/// <summary>Everything that defines an objective.</summary>
public sealed record ObjectiveOptions
{
    /// <summary>The objective. Default: BFT v3.</summary>
    public ObjectiveKind Kind { get; init; } = ObjectiveKind.BftV3;

    /// <summary>Which half of BFT is switched off.</summary>
    public Ablation Ablation { get; init; }

    /// <summary>Tokens in a confidence window, g.</summary>
    public int ConfidenceWindow { get; init; } = 256;

    /// <summary>Where an even window lies around its token (v3).</summary>
    public WindowAlignment WindowAlignment { get; init; }

    /// <summary>Over which tokens windows run.</summary>
    public WindowScope WindowScope { get; init; }

    /// <summary>What is divided by; null for the objective's own: <see cref="Objectives.Reduction.PerToken"/> for SFT and DFT, <see cref="Objectives.Reduction.PerSequence"/> for BFT.</summary>
    public Reduction? Reduction { get; init; }

    /// <summary>Stabiliser ε, in C + ε and in n + ε.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Makes the stabiliser of the v3 token weight relative: C · (1 + ε) instead of C + ε, so a flat span keeps weight 1 however improbable it is.</summary>
    /// <remarks>No source has this; it cures that v3 mutes spans with C ≪ ε, which it means to keep. Where every c of a window is 0 in float64 the weight is 0.</remarks>
    public bool RelativeEpsilon { get; init; }

    /// <summary>Exponent γ of the lowest window in s = 1 − p_conf^γ. The released code has it (v1); other objectives need 1.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>All problems, each naming the field; none when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        void Check(bool good, string problem)
        {
            if (!good)
                problems.Add(problem);
        }

        var balanced = Kind is ObjectiveKind.BftV1Code or ObjectiveKind.BftV1Paper or ObjectiveKind.BftV3;
        Check(Enum.IsDefined(Kind), $"{nameof(Kind)}: {Kind} is not an objective.");
        Check(Enum.IsDefined(Ablation) && (balanced || Ablation == Ablation.None), $"{nameof(Ablation)}: {Ablation} does not apply to {Kind}.");
        Check(ConfidenceWindow >= 1, $"{nameof(ConfidenceWindow)}: expected at least 1, actual {ConfidenceWindow}.");
        Check(Enum.IsDefined(WindowAlignment), $"{nameof(WindowAlignment)}: {WindowAlignment} is not an alignment.");
        Check(Enum.IsDefined(WindowScope), $"{nameof(WindowScope)}: {WindowScope} is not a scope.");
        Check(Reduction is not { } reduction || Enum.IsDefined(reduction), $"{nameof(Reduction)}: {Reduction} is not a reduction.");
        Check(Epsilon >= 0 && double.IsFinite(Epsilon), $"{nameof(Epsilon)}: expected a finite number of at least 0, actual {Epsilon}.");
        Check(Gamma > 0 && double.IsFinite(Gamma), $"{nameof(Gamma)}: expected a finite number above 0, actual {Gamma}.");
        Check(Gamma == 1 || Kind == ObjectiveKind.BftV1Code, $"{nameof(Gamma)}: only {ObjectiveKind.BftV1Code} has an exponent, {Kind} needs 1, actual {Gamma}.");
        return problems;
    }
}
