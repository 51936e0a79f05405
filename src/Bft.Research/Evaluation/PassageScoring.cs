using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Evaluation;

/// <summary>How passages are scored.</summary>
public sealed record PassageScoringOptions
{
    /// <summary>Id before every passage, so that its first token has a probability as well; for many models the separator of documents.</summary>
    public required long PrefixId { get; init; }

    /// <summary>Tokens of a passage that are scored; the rest of its text is cut off.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Passages that go through the model together.</summary>
    public int RowsPerBatch { get; init; } = 8;
}

/// <summary>Gives passages the log-probabilities of a model: what <see cref="UncertaintyStudy"/> starts from.</summary>
public static class PassageScoring
{
    /// <summary>Tokenizes without special tokens and scores by teacher forcing; no graph is built.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="passages">Texts of at least one token.</param>
    /// <param name="options">Prefix, length, batch.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <returns>One a passage, in order; log-probabilities in nats, at float32 or better.</returns>
    /// <exception cref="ArgumentException">A passage has no token.</exception>
    public static IReadOnlyList<ScoredPassage> Score(
        CausalLm model, HfTokenizer tokenizer, IReadOnlyList<Passage> passages, PassageScoringOptions options, CancellationToken cancellationToken = default)
    {
        var encode = new EncodeOptions { AddSpecialTokens = false, Truncation = new() { MaxLength = options.MaxTokens } };
        TokenEncoding[] encodings = [.. passages.Select(passage => tokenizer.Encode(passage.Text, encode))];
        List<(IReadOnlyList<long>, IReadOnlyList<long>)> pairs =
            [.. encodings.Select(encoding => ((IReadOnlyList<long>)[options.PrefixId], (IReadOnlyList<long>)[.. encoding.Ids.Select(id => (long)id)]))];
        var scores = Likelihood.Score(model, pairs, options.RowsPerBatch, cancellationToken);
        return [.. passages.Select((passage, i) => new ScoredPassage(
            Cut(passage, encodings[i]), scores[i].TokenLogProbs, [.. encodings[i].Offsets.Select(offset => new TextSpan(offset.Start, offset.End))]))];
    }

    /// <summary>The passage up to the end of its last token.</summary>
    private static Passage Cut(Passage passage, TokenEncoding encoding)
    {
        var end = encoding.Offsets.Length == 0 ? 0 : encoding.Offsets.Max(offset => offset.End);
        return passage with { Text = string.Concat(passage.Text.EnumerateRunes().Take(end)) };
    }
}
