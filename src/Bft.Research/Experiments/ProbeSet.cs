using Bft.Research.Data;
using Bft.Research.Evaluation;

namespace Bft.Research.Experiments;

/// <summary>Rows that are measured and never trained on.</summary>
/// <param name="Name">Name in tables, for example <c>general text</c>.</param>
/// <param name="Asks">What the set asks, in words.</param>
/// <param name="Rows">Rows whose supervised tokens are measured.</param>
/// <param name="Questions">For sets of questions: one a row, whose right option is what the row supervises; else empty.</param>
public sealed record ProbeSet(string Name, string Asks, IReadOnlyList<TokenizedExample> Rows, IReadOnlyList<ProbeQuestion> Questions);

/// <summary>A multiple-choice question of a probe.</summary>
/// <param name="Item">Context and options.</param>
/// <param name="Answer">Index of the right option.</param>
public sealed record ProbeQuestion(ChoiceItem Item, int Answer);

/// <summary>What one row of a probe says.</summary>
/// <param name="All">All its tokens.</param>
/// <param name="LowBefore">Those that were low before training.</param>
/// <param name="Question">Its question; counts 0 where there is none or it was not asked.</param>
public sealed record ProbeRow(TokenSums All, TokenSums LowBefore, TokenSums Question)
{
    /// <summary>The sums over a subset.</summary>
    public TokenSums Of(ProbeSubset subset) => subset switch
    {
        ProbeSubset.All => All,
        ProbeSubset.LowBefore => LowBefore,
        ProbeSubset.Questions => Question,
        _ => throw new ArgumentOutOfRangeException(nameof(subset), subset, "No such subset."),
    };
}
