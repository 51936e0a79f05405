using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments;

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

    /// <summary>Scores passages; the answer is in their order. No graph is built.</summary>
    /// <param name="passages">At least one token each.</param>
    /// <param name="progress">Told the number of passages done.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">A passage has no token.</exception>
    public IReadOnlyList<ScoredPassage> Score(IReadOnlyList<Passage> passages, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        Score([.. passages.Select(Tokenize)], progress, cancellationToken);

    /// <summary>Scores passages that are tokenized already.</summary>
    /// <param name="passages">Passages with their tokens.</param>
    /// <param name="progress">Told the number of passages done.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    public IReadOnlyList<ScoredPassage> Score(
        IReadOnlyList<TokenizedPassage> passages, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var scored = new ScoredPassage[passages.Count];
        var done = 0;
        foreach (var rows in Enumerable.Range(0, passages.Count).OrderBy(i => passages[i].Ids.Count).Chunk(rowsPerBatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = Batch([.. rows.Select(i => passages[i].Ids)]);
            var logProbs = Perplexity.LogProbs(model, batch);
            for (var row = 0; row < rows.Length; row++)
                scored[rows[row]] = new(passages[rows[row]].Passage, logProbs[batch.Scored.Starts[row]..batch.Scored.Starts[row + 1]], passages[rows[row]].Spans);
            progress?.Report(done += rows.Length);
        }

        return scored;
    }

    /// <summary>A passage with the tokens that will be scored.</summary>
    /// <exception cref="ArgumentException">It has no token.</exception>
    public TokenizedPassage Tokenize(Passage passage)
    {
        var encoding = tokenizer.Encode(passage.Text, new EncodeOptions { AddSpecialTokens = false, Truncation = new() { MaxLength = maxTokens } });
        return encoding.Length > 0
            ? new(passage, encoding.Ids, [.. encoding.Offsets.Select(offset => new TextSpan(offset.Start, offset.End))])
            : throw new ArgumentException($"{passage.Id}: the text has no token.", nameof(passage));
    }

    private TokenBatch Batch(IReadOnlyList<int>[] rows)
    {
        var length = 1 + rows.Max(row => row.Count);
        var ids = new long[rows.Length * length];
        var labels = new long[ids.Length];
        var mask = new bool[ids.Length];
        Array.Fill(labels, NextToken.Ignored);
        for (var row = 0; row < rows.Length; row++)
        {
            ids[row * length] = _separator;
            for (var t = 0; t < rows[row].Count; t++)
                labels[row * length + 1 + t] = ids[row * length + 1 + t] = rows[row][t];
            Array.Fill(mask, true, row * length, rows[row].Count + 1);
        }

        return new()
        {
            Rows = rows.Length,
            Length = length,
            InputIds = ids,
            AttentionMask = Array.TrueForAll(mask, real => real) ? null : mask,
            Scored = NextToken.Align(labels, rows.Length, length),
        };
    }
}

/// <summary>A passage with its tokens.</summary>
/// <param name="Passage">The text.</param>
/// <param name="Ids">[n] token ids.</param>
/// <param name="Spans">[n] code points of each token.</param>
public sealed record TokenizedPassage(Passage Passage, IReadOnlyList<int> Ids, IReadOnlyList<TextSpan> Spans);
