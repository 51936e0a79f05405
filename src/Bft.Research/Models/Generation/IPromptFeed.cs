namespace Bft.Research.Models.Generation;

/// <summary>Feeds prompts and then new tokens through a model.</summary>
internal interface IPromptFeed
{
    /// <summary>[B, V] logits of the position after everything fed so far, in the current dispose scope.</summary>
    /// <param name="rows">The rows with the tokens chosen so far.</param>
    /// <param name="step">Number of tokens that the rows have.</param>
    Tensor NextLogits(IReadOnlyList<GeneratedRow> rows, int step);
}
