namespace Bft.Research.Data;

/// <summary>What happens to a row that is not as it should be.</summary>
public enum RowPolicy
{
    /// <summary>Reading stops with an error that names the row.</summary>
    Refuse,

    /// <summary>The row is used as it is, and counted.</summary>
    Warn,

    /// <summary>The row is left out, and counted.</summary>
    Skip,
}

/// <summary>What happens to rows, by what is the matter with them.</summary>
/// <remarks>Rows of the first four kinds cannot be used, so <see cref="RowPolicy.Warn"/> is not for them.</remarks>
public sealed record RowPolicies
{
    /// <summary>Leaves out whatever cannot be used.</summary>
    public static RowPolicies SkipUnusable { get; } = new() { Unreadable = RowPolicy.Skip, Malformed = RowPolicy.Skip, Template = RowPolicy.Skip, NothingToLearn = RowPolicy.Skip };

    /// <summary>The line is empty, not JSON or not UTF-8.</summary>
    public RowPolicy Unreadable { get; init; } = RowPolicy.Refuse;

    /// <summary>A field is missing or of another type, a text is empty, roles are unknown or out of order.</summary>
    public RowPolicy Malformed { get; init; } = RowPolicy.Refuse;

    /// <summary>The chat template refuses the conversation, or responses cannot be found in its rendering.</summary>
    public RowPolicy Template { get; init; } = RowPolicy.Refuse;

    /// <summary>No token of the row is taught.</summary>
    public RowPolicy NothingToLearn { get; init; } = RowPolicy.Refuse;

    /// <summary>The row has more tokens than <see cref="RowOptions.Cutoff"/>; used means cut at its end.</summary>
    public RowPolicy TooLong { get; init; } = RowPolicy.Warn;

    /// <summary>All problems; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        foreach (var (name, policy) in new[] { (nameof(Unreadable), Unreadable), (nameof(Malformed), Malformed), (nameof(Template), Template), (nameof(NothingToLearn), NothingToLearn) })
            if (policy is not (RowPolicy.Refuse or RowPolicy.Skip))
                problems.Add($"{name}: expected {RowPolicy.Refuse} or {RowPolicy.Skip} (such a row cannot be used), actual {policy}");
        if (!Enum.IsDefined(TooLong))
            problems.Add($"{nameof(TooLong)}: expected a policy, actual {TooLong}");
        return problems;
    }

    /// <summary>The policy for a problem.</summary>
    public RowPolicy For(DataProblem problem) => problem switch
    {
        DataProblem.EmptyFile => RowPolicy.Refuse,
        DataProblem.BrokenJson or DataProblem.EmptyLine => Unreadable,
        DataProblem.TemplateMismatch => Template,
        DataProblem.NothingToLearn => NothingToLearn,
        DataProblem.TooLong => TooLong,
        _ => Malformed,
    };
}
