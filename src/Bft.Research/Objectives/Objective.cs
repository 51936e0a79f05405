namespace Bft.Research.Objectives;

/// <summary>Makes objectives from options or names.</summary>
public static class Objective
{
    private static readonly (string Name, ObjectiveKind Kind)[] s_kinds =
    [
        ("sft", ObjectiveKind.Sft), ("dft", ObjectiveKind.Dft), ("bft-v1-code", ObjectiveKind.BftV1Code), ("bft-v1-paper", ObjectiveKind.BftV1Paper),
        ("bft-v3", ObjectiveKind.BftV3),
    ];

    private static readonly (string Suffix, Ablation Ablation)[] s_ablations =
        [("", Ablation.None), ("-token-only", Ablation.TokenOnly), ("-sequence-only", Ablation.SequenceOnly)];

    /// <summary>Names that <see cref="Named"/> takes: a kind, for BFT optionally with an ablation, for example <c>bft-v3-token-only</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. s_kinds.SelectMany(kind => s_ablations
            .Where(ablation => ablation.Ablation == Ablation.None || kind.Kind is not (ObjectiveKind.Sft or ObjectiveKind.Dft))
            .Select(ablation => kind.Name + ablation.Suffix)),
    ];

    /// <summary>The objective that <paramref name="options"/> define.</summary>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every problem.</exception>
    public static IObjective Create(ObjectiveOptions options) => options.Kind switch
    {
        ObjectiveKind.Sft => new SupervisedFineTuning(options),
        ObjectiveKind.Dft => new DynamicFineTuning(options),
        _ => new BalancedFineTuning(options),
    };

    /// <summary>The options that a name stands for, everything else at its default.</summary>
    /// <exception cref="ArgumentException">No objective has the name; the message lists those that exist.</exception>
    public static ObjectiveOptions Named(string name)
    {
        if (!Names.Contains(name))
            throw new ArgumentException($"No objective is called '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        var kind = s_kinds.Where(kind => name.StartsWith(kind.Name, StringComparison.Ordinal)).MaxBy(kind => kind.Name.Length);
        return new() { Kind = kind.Kind, Ablation = s_ablations.Single(ablation => ablation.Suffix == name[kind.Name.Length..]).Ablation };
    }
}
