namespace Bft.Research.Tokenization.PostProcessing;

/// <summary>Adds special tokens around one or two encoded texts, or changes their offsets.</summary>
internal interface IPostProcessor
{
    /// <summary>How many tokens are added when special tokens are wanted.</summary>
    int AddedTokens(bool pair);

    /// <summary>The parts in their final order. The parts that come in are the one or two texts, or what a processor before this one made of them.</summary>
    IReadOnlyList<TokenEncoding> Process(IReadOnlyList<TokenEncoding> parts, bool addSpecialTokens);
}

/// <summary>Post-processors one after the other.</summary>
internal sealed class PostProcessorSequence(IReadOnlyList<IPostProcessor> steps) : IPostProcessor
{
    public int AddedTokens(bool pair) => steps.Sum(step => step.AddedTokens(pair));

    public IReadOnlyList<TokenEncoding> Process(IReadOnlyList<TokenEncoding> parts, bool addSpecialTokens)
    {
        foreach (var step in steps)
            parts = step.Process(parts, addSpecialTokens);
        return parts;
    }
}
