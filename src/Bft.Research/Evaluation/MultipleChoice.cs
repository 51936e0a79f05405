using Bft.Research.Models;

namespace Bft.Research.Evaluation;

/// <summary>What the log-likelihood of a choice is divided by before choices are compared.</summary>
public enum ChoiceNormalisation
{
    /// <summary>Nothing: <c>acc</c> of lm-evaluation-harness.</summary>
    None,

    /// <summary>Number of tokens.</summary>
    PerToken,

    /// <summary>Number of UTF-8 bytes.</summary>
    PerByte,

    /// <summary>Number of characters: <c>acc_norm</c> of lm-evaluation-harness, whose count leaves out the blank before the choice.</summary>
    PerCharacter,
}

/// <summary>A question with choices, tokenised.</summary>
/// <param name="Context">Ids of the question.</param>
/// <param name="Choices">Ids of each choice.</param>
/// <param name="ByteLengths">UTF-8 bytes of each choice.</param>
/// <param name="CharacterLengths">Characters of each choice.</param>
public sealed record ChoiceItem(IReadOnlyList<long> Context, IReadOnlyList<IReadOnlyList<long>> Choices, IReadOnlyList<int> ByteLengths, IReadOnlyList<int> CharacterLengths);

/// <summary>The scores of the choices of an item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Scores">One score a choice.</param>
public sealed record ChoiceScores(ChoiceItem Item, IReadOnlyList<ContinuationScore> Scores)
{
    /// <summary>Log-likelihood of a choice over the chosen length (nats, nats a token, a byte, a character).</summary>
    public double Value(int choice, ChoiceNormalisation normalisation) => Scores[choice].LogLikelihood / normalisation switch
    {
        ChoiceNormalisation.None => 1,
        ChoiceNormalisation.PerToken => Scores[choice].TokenLogProbs.Length,
        ChoiceNormalisation.PerByte => Item.ByteLengths[choice],
        ChoiceNormalisation.PerCharacter => Item.CharacterLengths[choice],
        _ => throw new ArgumentOutOfRangeException(nameof(normalisation), normalisation, "No such normalisation."),
    };

    /// <summary>Index of the largest value, the first one on a tie.</summary>
    public int Choose(ChoiceNormalisation normalisation)
    {
        var best = 0;
        for (var i = 1; i < Scores.Count; i++)
            if (Value(i, normalisation) > Value(best, normalisation))
                best = i;
        return best;
    }
}

/// <summary>Answers multiple-choice questions by the likelihood of the choices.</summary>
public static class MultipleChoice
{
    /// <summary>Scores all choices of all items.</summary>
    /// <param name="model">The model.</param>
    /// <param name="items">Items; every choice has its two lengths.</param>
    /// <param name="rowsPerBatch">Rows that go through the model together.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <returns>One result an item, in order.</returns>
    /// <exception cref="ArgumentException">An item has no choice, or not one pair of lengths a choice, or an empty context or choice.</exception>
    public static IReadOnlyList<ChoiceScores> Score(
        CausalLm model, IReadOnlyList<ChoiceItem> items, int rowsPerBatch = 8, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < items.Count; i++)
            if (items[i].Choices.Count == 0 || items[i].ByteLengths.Count != items[i].Choices.Count || items[i].CharacterLengths.Count != items[i].Choices.Count)
                throw new ArgumentException(
                    $"items[{i}]: expected choices with as many byte and character lengths, "
                    + $"actual {items[i].Choices.Count}, {items[i].ByteLengths.Count}, {items[i].CharacterLengths.Count}.", nameof(items));
        var scores = Likelihood.Score(model, [.. items.SelectMany(item => item.Choices.Select(choice => (item.Context, choice)))], rowsPerBatch, cancellationToken);
        var results = new List<ChoiceScores>();
        var at = 0;
        foreach (var item in items)
        {
            results.Add(new(item, [.. scores.Skip(at).Take(item.Choices.Count)]));
            at += item.Choices.Count;
        }

        return results;
    }
}
