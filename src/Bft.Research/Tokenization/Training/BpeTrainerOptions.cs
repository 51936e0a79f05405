using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Training;

/// <summary>What <see cref="BpeTrainer"/> makes.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Tokens in all: 256 bytes, merges, and the tokens below. Fewer come out when no pair is frequent enough.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Pairs that occur less often are not merged.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>Tokens that decoding can leave out, such as <c>&lt;|im_end|&gt;</c>; their ids follow the merges, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Added tokens that are ordinary text, such as <c>&lt;think&gt;</c>; their ids follow the special tokens.</summary>
    public IReadOnlyList<string> PlainTokens { get; init; } = [];

    /// <summary>The token that ends a text or turn, one of the special tokens; or null.</summary>
    public string? EndToken { get; init; }

    /// <summary>The token that fills up rows, one of the special tokens; or null.</summary>
    public string? PadToken { get; init; }

    /// <summary>Chat template in Jinja, stored in the configuration; or null.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Longest input that the model is made for, stored in the configuration.</summary>
    public int ModelMaxLength { get; init; } = 2048;

    /// <summary>The splitting pattern; that of Qwen2 unless another is given.</summary>
    public string Pattern { get; init; } = SplitPatterns.Qwen2;

    /// <summary>Everything wrong with these options.</summary>
    public IEnumerable<string> Validate()
    {
        var added = SpecialTokens.Concat(PlainTokens).ToList();
        if (VocabularySize < 256 + added.Count)
            yield return $"VocabularySize: expected at least 256 bytes and {added.Count} added tokens, actual {VocabularySize}.";
        if (MinimumFrequency < 1)
            yield return $"MinimumFrequency: expected 1 or more, actual {MinimumFrequency}.";
        if (added.Count != added.Distinct(StringComparer.Ordinal).Count() || added.Contains(""))
            yield return "SpecialTokens, PlainTokens: expected different, non-empty texts.";
        if (EndToken is not null && !SpecialTokens.Contains(EndToken))
            yield return $"EndToken: expected one of SpecialTokens, actual \"{EndToken}\".";
        if (PadToken is not null && !SpecialTokens.Contains(PadToken))
            yield return $"PadToken: expected one of SpecialTokens, actual \"{PadToken}\".";
    }
}
