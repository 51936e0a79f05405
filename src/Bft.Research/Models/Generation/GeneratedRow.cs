namespace Bft.Research.Models.Generation;

/// <summary>One row while it is being continued.</summary>
internal sealed class GeneratedRow(int index, IReadOnlyList<long> prompt, GenerationOptions options)
{
    private readonly List<long> _tokens = [];
    private readonly List<double> _logProbs = [];
    private readonly HashSet<long> _seen = [.. prompt];

    /// <summary>Number of the row.</summary>
    public int Index { get; } = index;

    /// <summary>True once an end token was chosen.</summary>
    public bool Ended { get; private set; }

    /// <summary>Ids of prompt and continuation, each once.</summary>
    public IReadOnlySet<long> Seen => _seen;

    /// <summary>The id that the model reads next; any id will do for a row that has ended.</summary>
    public long Last => _tokens[^1];

    /// <summary>Log-probability of <see cref="Last"/> (nats).</summary>
    public double LastLogProb => _logProbs[^1];

    public Continuation Result => new() { Tokens = [.. _tokens], LogProbs = [.. _logProbs], Ended = Ended };

    /// <summary>Appends a chosen id.</summary>
    public void Add(long id, double logProb, bool ends)
    {
        if (_tokens.Count >= options.MaxNewTokens)
            throw new InvalidOperationException($"Row {Index} already has {_tokens.Count} new tokens.");
        _tokens.Add(id);
        _seen.Add(id);
        _logProbs.Add(logProb);
        Ended = ends;
    }
}
