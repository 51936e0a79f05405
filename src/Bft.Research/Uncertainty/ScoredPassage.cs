namespace Bft.Research.Uncertainty;

/// <summary>How a token stands to the entities of its passage.</summary>
public enum EntityMention
{
    /// <summary>On no entity.</summary>
    None,

    /// <summary>On an entity whose text occurs for the first time in the passage.</summary>
    First,

    /// <summary>Only on entities whose text has occurred before.</summary>
    Repeated,
}

/// <summary>A passage with the log-probability a model gives each of its tokens, and what each token is.</summary>
public sealed class ScoredPassage
{
    /// <summary>Joins a passage with a model's scores.</summary>
    /// <param name="passage">The text.</param>
    /// <param name="logProbs">[n] log p of each token given those before (nats).</param>
    /// <param name="tokens">[n] code points that each token covers, leading white space included, as a tokenizer without special tokens gives them.</param>
    /// <exception cref="ArgumentException">The two differ in length, or are empty.</exception>
    public ScoredPassage(Passage passage, IReadOnlyList<double> logProbs, IReadOnlyList<TextSpan> tokens)
    {
        if (logProbs.Count != tokens.Count || tokens.Count == 0)
            throw new ArgumentException($"{passage.Id}: expected a log-probability for each of {tokens.Count} tokens (at least one), actual {logProbs.Count}.");
        Passage = passage;
        LogProbs = [.. logProbs];
        Confidences = [.. logProbs.Select(l => Math.Exp(l))];
        var text = new PassageText(passage);
        Characters = text.Length;
        OpensWord = [.. tokens.Select((span, i) => text.OpensWord(i, span))];
        WordConfidences = Words(LogProbs, OpensWord);
        TextSpan[] trimmed = [.. tokens.Select(text.Trimmed)];
        Blank = [.. trimmed.Select(span => span.Start == span.End)];
        var mentions = text.Mentions();
        Entities = [.. trimmed.Select(span => Mention(span, mentions))];
        var causal = text.CausalWords();
        Causal = [.. trimmed.Select(span => causal.Any(span.Overlaps))];
    }

    /// <summary>The text.</summary>
    public Passage Passage { get; }

    /// <summary>[n] log p of each token (nats).</summary>
    public double[] LogProbs { get; }

    /// <summary>[n] p of each token.</summary>
    public double[] Confidences { get; }

    /// <summary>[n] whether the token opens a word.</summary>
    public bool[] OpensWord { get; }

    /// <summary>[n] whether the token is white space alone; where it is a token of its own, it opens the word after it and so does the token that follows.</summary>
    public bool[] Blank { get; }

    /// <summary>[words] product of the confidences of each word's tokens.</summary>
    public double[] WordConfidences { get; }

    /// <summary>[n] how the token stands to entities.</summary>
    public EntityMention[] Entities { get; }

    /// <summary>[n] whether the token lies on a causal connective or verb.</summary>
    public bool[] Causal { get; }

    /// <summary>Code points of the text.</summary>
    public int Characters { get; }

    /// <summary>Number of tokens n.</summary>
    public int Length => LogProbs.Length;

    private static EntityMention Mention(TextSpan token, IReadOnlyList<(TextSpan Span, bool First)> mentions)
    {
        var found = EntityMention.None;
        foreach (var (span, first) in mentions)
        {
            if (!token.Overlaps(span))
                continue;
            if (first)
                return EntityMention.First;
            found = EntityMention.Repeated;
        }

        return found;
    }

    private static double[] Words(double[] logProbs, bool[] opens)
    {
        var words = new List<double>();
        for (var t = 0; t < logProbs.Length; t++)
        {
            if (opens[t])
                words.Add(0);
            words[^1] += logProbs[t];
        }

        return [.. words.Select(l => Math.Exp(l))];
    }
}
