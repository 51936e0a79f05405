namespace Bft.Research.Tokenization.Normalizing;

/// <summary>Rewrites text before it is split, keeping the alignment with the original.</summary>
internal interface ITextNormalizer
{
    /// <summary>The rewritten text; the argument itself when nothing changes.</summary>
    AlignedText Normalize(AlignedText text);
}

/// <summary>Normalisers one after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<ITextNormalizer> steps) : ITextNormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        foreach (var step in steps)
            text = step.Normalize(text);
        return text;
    }
}
