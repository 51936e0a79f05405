using Bft.Research.Objectives;
using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments;

/// <summary>What an objective makes of a text's tokens: one scored text is one sample.</summary>
/// <param name="Name">Name of the objective.</param>
/// <param name="TokenWeights">[n] w.</param>
/// <param name="SequenceWeight">s; 1 where the objective has none.</param>
public sealed record ObjectiveView(string Name, double[] TokenWeights, double SequenceWeight)
{
    /// <summary>Weighs a text.</summary>
    /// <param name="objective">A name of <see cref="Objective.Names"/>.</param>
    /// <param name="text">The scored text.</param>
    /// <param name="window">Window of BFT, in tokens.</param>
    public static ObjectiveView Of(string objective, ScoredPassage text, int window) => Of(objective, text.LogProbs, window);

    /// <summary>Weighs a sample.</summary>
    /// <param name="objective">A name of <see cref="Objective.Names"/>.</param>
    /// <param name="logProbs">[n] log p of its supervised tokens (nats).</param>
    /// <param name="window">Window of BFT, in tokens.</param>
    public static ObjectiveView Of(string objective, double[] logProbs, int window)
    {
        var weighting = Objective.Create(Objective.Named(objective) with { ConfidenceWindow = window })
            .Weigh(new(logProbs, [0, logProbs.Length]), new(logProbs.Length, 1));
        return new(objective, weighting.TokenWeights, weighting.SequenceWeights[0]);
    }

    /// <summary>Mean weight (w · s) of the tokens of some texts that a test picks; NaN when it picks none.</summary>
    /// <param name="objective">A name of <see cref="Objective.Names"/>.</param>
    /// <param name="texts">The scored texts.</param>
    /// <param name="window">Window of BFT, in tokens.</param>
    /// <param name="pick">Picks tokens by text and position.</param>
    public static double MeanWeight(string objective, IEnumerable<ScoredPassage> texts, int window, Func<ScoredPassage, int, bool> pick)
    {
        var (sum, count) = (0.0, 0);
        foreach (var text in texts)
        {
            var view = Of(objective, text, window);
            foreach (var t in Enumerable.Range(0, text.Length).Where(t => pick(text, t)))
                (sum, count) = (sum + view.TokenWeights[t] * view.SequenceWeight, count + 1);
        }

        return sum / count;
    }
}
