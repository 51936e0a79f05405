namespace Bft.Research.Verification;

/// <summary>Runs the cases of some kinds. A public or internal class with a parameterless constructor that implements this is found by <see cref="CaseRunners"/>.</summary>
public interface ICaseRunner
{
    /// <summary>Whether this runner runs the case; decided from area, kind and shape of the inputs. At most one runner may say yes.</summary>
    bool Handles(GoldenCase golden);

    /// <summary>Computes with the library and compares. An exception counts as a failure of the case, with its message.</summary>
    void Run(GoldenCase golden, Comparison compare, VerificationContext context);
}

/// <summary>All case runners of this assembly.</summary>
public static class CaseRunners
{
    /// <summary>The runners, in no particular order.</summary>
    public static IReadOnlyList<ICaseRunner> All { get; } =
    [
        .. typeof(CaseRunners).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(ICaseRunner)))
            .Select(type => (ICaseRunner)Activator.CreateInstance(type)!),
    ];

    /// <summary>The runner of a case, or null when its kind is unknown.</summary>
    public static ICaseRunner? For(GoldenCase golden) => All.SingleOrDefault(runner => runner.Handles(golden));
}
