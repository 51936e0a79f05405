using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Evaluation;

/// <summary>Scores running text under teacher forcing: log p of every token given those before it, after one separator token.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer; texts are encoded without special tokens.</param>
/// <param name="separator">Token put before every text, so that its first token is scored too, for example <c>&lt;|endoftext|&gt;</c>.</param>
/// <param name="maxTokens">A text is cut after this many tokens, separator not counted.</param>
/// <param name="rowsPerBatch">Texts that go through the model together; of similar length, to save padding.</param>
public sealed class PassageScorer(CausalLm model, HfTokenizer tokenizer, string separator, int maxTokens = 256, int rowsPerBatch = 8)
{
    private readonly long _separator = tokenizer.TokenToId(separator)
        ?? throw new ArgumentException($"The tokenizer has no token '{separator}' to put before texts.", nameof(separator));

    /// <summary>A passage with the tokens that will be scored; text beyond the last of them is cut off.</summary>
    /// <exception cref="ArgumentException">It has no token.</exception>
    public TokenizedPassage Tokenize(Passage passage)
    {
        var encoding = tokenizer.Encode(passage.Text, new EncodeOptions { AddSpecialTokens = false, Truncation = new() { MaxLength = maxTokens } });
        if (encoding.Length == 0)
            throw new ArgumentException($"{passage.Id}: the text has no token.", nameof(passage));
        var end = encoding.Offsets.Max(offset => offset.End);
        var cut = passage with
        {
            Text = string.Concat(passage.Text.EnumerateRunes().Take(end)),
            Entities = passage.Entities is null ? null : [.. passage.Entities.Where(span => span.Start < end).Select(span => new TextSpan(span.Start, Math.Min(span.End, end)))],
        };
        return new(cut, encoding.Ids, [.. encoding.Offsets.Select(offset => new TextSpan(offset.Start, offset.End))]);
    }

    /// <summary>Tokenizes and scores passages; the answer is in their order.</summary>
    /// <param name="passages">At least one token each.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">A passage has no token.</exception>
    public IReadOnlyList<ScoredPassage> Score(IReadOnlyList<Passage> passages, CancellationToken cancellationToken = default) =>
        Score([.. passages.Select(Tokenize)], cancellationToken);

    /// <summary>Scores passages that are tokenized already; log-probabilities in nats, at float32 or better. No graph is built.</summary>
    /// <param name="passages">Passages with their tokens.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    public IReadOnlyList<ScoredPassage> Score(IReadOnlyList<TokenizedPassage> passages, CancellationToken cancellationToken = default)
    {
        List<(IReadOnlyList<long>, IReadOnlyList<long>)> pairs =
            [.. passages.Select(passage => ((IReadOnlyList<long>)[_separator], (IReadOnlyList<long>)[.. passage.Ids.Select(id => (long)id)]))];
        var scores = Likelihood.Score(model, pairs, rowsPerBatch, cancellationToken);
        return [.. passages.Select((passage, i) => new ScoredPassage(passage.Passage, scores[i].TokenLogProbs, passage.Spans))];
    }
}

/// <summary>A passage with its tokens.</summary>
/// <param name="Passage">The text.</param>
/// <param name="Ids">[n] token ids.</param>
/// <param name="Spans">[n] code points of each token.</param>
public sealed record TokenizedPassage(Passage Passage, IReadOnlyList<int> Ids, IReadOnlyList<TextSpan> Spans)
{
    /// <summary>[n] the piece of text that each token covers.</summary>
    public string[] Pieces
    {
        get
        {
            string[] runes = [.. Passage.Text.EnumerateRunes().Select(rune => rune.ToString())];
            return [.. Spans.Select(span => string.Concat(runes[span.Start..span.End]))];
        }
    }
}
