namespace Bft.Research.Tests.Equivalence;

/// <summary>Things that are one and the same up to rounding, and things that a bug would make of them.</summary>
/// <param name="Name">What may differ.</param>
/// <param name="Same">Ways that agree with the oracle.</param>
/// <param name="Wrong">Ways that must be found out, by their gradients alone.</param>
internal sealed record EquivalenceClass(string Name, IReadOnlyList<Way> Same, IReadOnlyList<WrongWay> Wrong)
{
    public override string ToString() => Name;
}

/// <summary>A way to come to the numbers of a step.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Compute">The numbers by the oracle, and by this way.</param>
internal record Way(string Name, Func<Setting, (StepNumbers Truth, StepNumbers Found)> Compute)
{
    public Agreement Measure(Setting setting)
    {
        var (truth, found) = Compute(setting);
        Assert.Contains(truth.Gradients.Values, gradient => gradient.Max(Math.Abs) > 1e-4);
        return found.With(truth);
    }
}

/// <summary>A way that is wrong as a bug would be.</summary>
/// <param name="Name">The bug.</param>
/// <param name="Compute">The numbers by the oracle, and with the bug.</param>
/// <param name="Affects">Objectives on which it has any effect; null for all.</param>
internal sealed record WrongWay(string Name, Func<Setting, (StepNumbers Truth, StepNumbers Found)> Compute, Func<Setting, bool>? Affects = null) : Way(Name, Compute)
{
    public bool Concerns(Setting setting) => Affects?.Invoke(setting) ?? true;
}
