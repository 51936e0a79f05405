namespace Bft.Research.Objectives;

/// <summary>Sizes of the tiles in which the LM head is computed. Results do not depend on them beyond rounding; memory does, and only on them, not on B·T·V.</summary>
public sealed record LmHeadOptions
{
    /// <summary>Supervised tokens in a tile of logits; the last chunk may be smaller.</summary>
    public int TokenChunk { get; init; } = 2048;

    /// <summary>Vocabulary entries in a tile of logits; the last chunk may be smaller.</summary>
    public int VocabularyChunk { get; init; } = 2048;

    /// <summary>Logits, in number, that a head that trains may keep from its first pass for its second; those beyond are computed twice. 0 keeps none.</summary>
    public long KeptLogits { get; init; } = 1 << 24;

    /// <summary>All problems, each naming the field; none when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (TokenChunk < 1)
            problems.Add($"{nameof(TokenChunk)}: expected at least 1, actual {TokenChunk}.");
        if (VocabularyChunk < 1)
            problems.Add($"{nameof(VocabularyChunk)}: expected at least 1, actual {VocabularyChunk}.");
        if (KeptLogits < 0)
            problems.Add($"{nameof(KeptLogits)}: expected at least 0, actual {KeptLogits}.");
        return problems;
    }
}
