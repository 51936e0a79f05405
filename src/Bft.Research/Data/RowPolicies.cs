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

    /// <summary>The line is empty, not JSON, not UTF-8, or has a field twice.</summary>
    public RowPolicy Unreadable { get; init; } = RowPolicy.Refuse;

    /// <summary>A field is missing or of another type, the form is not that of the other rows, a text is empty, roles are unknown or out of order.</summary>
    public RowPolicy Malformed { get; init; } = RowPolicy.Refuse;

    /// <summary>The chat template refuses the conversation, or responses cannot be found in its rendering.</summary>
    public RowPolicy Template { get; init; } = RowPolicy.Refuse;

    /// <summary>No token of the row is taught.</summary>
    public RowPolicy NothingToLearn { get; init; } = RowPolicy.Refuse;

    /// <summary>The row has more tokens than <see cref="RowOptions.Cutoff"/>; used means cut at its end.</summary>
    public RowPolicy TooLong { get; init; } = RowPolicy.Warn;

    /// <summary>The cutoff takes the end of a taught response, so the model does not learn to stop after it.</summary>
    public RowPolicy TruncatedEnd { get; init; } = RowPolicy.Warn;

    /// <summary>A taught response has no end-of-turn token, or one that is not taught although <see cref="RowOptions.TeachEnd"/> asks for it.</summary>
    public RowPolicy EndNotTaught { get; init; } = RowPolicy.Warn;

    /// <summary>The prompt alone is tokenized otherwise than in front of its response, so the response begins inside a token or after other tokens than it will when the model is asked.</summary>
    public RowPolicy BoundaryMerge { get; init; } = RowPolicy.Warn;

    /// <summary>A response opens a span of reasoning and does not close it; used means that the rest of the response counts as reasoning.</summary>
    public RowPolicy UnclosedReasoning { get; init; } = RowPolicy.Warn;

    /// <summary>A text of the row holds a special token of the tokenizer.</summary>
    public RowPolicy SpecialToken { get; init; } = RowPolicy.Warn;

    /// <summary>The row has the id of an earlier row.</summary>
    public RowPolicy DuplicateId { get; init; } = RowPolicy.Warn;

    /// <summary>All problems; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(string name, RowPolicy policy, bool usable)
        {
            if (!Enum.IsDefined(policy) || (policy == RowPolicy.Warn && !usable))
                problems.Add($"{name}: expected {RowPolicy.Refuse}{(usable ? $", {RowPolicy.Warn}" : "")} or {RowPolicy.Skip}{(usable ? "" : " (such a row cannot be used)")}, actual {policy}");
        }

        Check(nameof(Unreadable), Unreadable, usable: false);
        Check(nameof(Malformed), Malformed, usable: false);
        Check(nameof(Template), Template, usable: false);
        Check(nameof(NothingToLearn), NothingToLearn, usable: false);
        foreach (var problem in new[] { DataProblem.TooLong, DataProblem.TruncatedEnd, DataProblem.EndNotTaught, DataProblem.BoundaryMerge, DataProblem.UnclosedReasoning, DataProblem.SpecialToken, DataProblem.DuplicateId })
            Check(problem.ToString(), For(problem), usable: true);
        return problems;
    }

    /// <summary>The policy for a problem; a file that holds no rows is always refused.</summary>
    public RowPolicy For(DataProblem problem) => problem switch
    {
        DataProblem.NotRows or DataProblem.EmptyFile => RowPolicy.Refuse,
        DataProblem.BrokenJson or DataProblem.BrokenText or DataProblem.EmptyLine or DataProblem.DuplicateField => Unreadable,
        DataProblem.TemplateMismatch or DataProblem.TemplateRefuses => Template,
        DataProblem.NothingToLearn => NothingToLearn,
        DataProblem.TooLong => TooLong,
        DataProblem.TruncatedEnd => TruncatedEnd,
        DataProblem.EndNotTaught => EndNotTaught,
        DataProblem.BoundaryMerge => BoundaryMerge,
        DataProblem.UnclosedReasoning => UnclosedReasoning,
        DataProblem.SpecialToken => SpecialToken,
        DataProblem.DuplicateId => DuplicateId,
        _ => Malformed,
    };
}
