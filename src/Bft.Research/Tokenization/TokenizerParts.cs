using Bft.Research.Tokenization.Decoding;
using Bft.Research.Tokenization.Normalizing;
using Bft.Research.Tokenization.PostProcessing;
using Bft.Research.Tokenization.Splitting;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization;

/// <summary>The stages that a tokenizer is made of, as read from its files.</summary>
internal sealed record TokenizerParts
{
    public required string File { get; init; }

    public required ITokenVocabulary Vocabulary { get; init; }

    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    public ITextNormalizer? Normalizer { get; init; }

    public IPreTokenizer? PreTokenizer { get; init; }

    public IPostProcessor? PostProcessor { get; init; }

    public ITokenDecoder? Decoder { get; init; }

    public Truncation? Truncation { get; init; }

    public Padding? Padding { get; init; }
}
