namespace Bft.Research.Objectives;

/// <summary>Makes objectives from options.</summary>
public static class Objective
{
    /// <summary>The objective that <paramref name="options"/> define.</summary>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every problem.</exception>
    public static IObjective Create(ObjectiveOptions options) => options.Kind switch
    {
        ObjectiveKind.Sft => new SupervisedFineTuning(options),
        ObjectiveKind.Dft => new DynamicFineTuning(options),
        _ => new BalancedFineTuning(options),
    };
}
