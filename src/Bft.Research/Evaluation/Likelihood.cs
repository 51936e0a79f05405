using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;

namespace Bft.Research.Evaluation;

/// <summary>Scores continuations by their likelihood under a model.</summary>
/// <remarks>Reference: <c>loglikelihood</c> of lm-evaluation-harness 0.4 on token ids. An empty context is an error here; give the token that opens a text.</remarks>
public static class Likelihood
{
    /// <summary>Scores continuations, each after its context; no graph is built.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">Context and continuation ids, each of at least one token.</param>
    /// <param name="rowsPerBatch">Rows that go through the model together; rows of similar length meet, so little is padded.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <returns>One score a pair, in order.</returns>
    /// <exception cref="ArgumentException">A context or continuation is empty.</exception>
    public static IReadOnlyList<ContinuationScore> Score(
        CausalLm model, IReadOnlyList<(IReadOnlyList<long> Context, IReadOnlyList<long> Continuation)> pairs, int rowsPerBatch = 8, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerBatch, 1);
        for (var i = 0; i < pairs.Count; i++)
            if (pairs[i].Context.Count == 0 || pairs[i].Continuation.Count == 0)
                throw new ArgumentException(
                    $"pairs[{i}]: expected a context and a continuation of at least one id, "
                    + $"actual {pairs[i].Context.Count} and {pairs[i].Continuation.Count}.", nameof(pairs));
        var scores = new ContinuationScore[pairs.Count];
        var order = Enumerable.Range(0, pairs.Count).OrderByDescending(i => pairs[i].Context.Count + pairs[i].Continuation.Count);
        foreach (var batch in order.Chunk(rowsPerBatch))
        {
            StopPoint.Pass(cancellationToken);
            ScoreBatch(model, pairs, batch, scores);
        }

        return scores;
    }

    private static void ScoreBatch(
        CausalLm model, IReadOnlyList<(IReadOnlyList<long> Context, IReadOnlyList<long> Continuation)> pairs, int[] batch, ContinuationScore[] scores)
    {
        var length = batch.Max(i => pairs[i].Context.Count + pairs[i].Continuation.Count);
        long[] ids = new long[batch.Length * length], labels = new long[ids.Length];
        var mask = new bool[ids.Length];
        Array.Fill(labels, NextToken.Ignored);
        for (var row = 0; row < batch.Length; row++)
        {
            var (context, continuation) = pairs[batch[row]];
            var at = row * length;
            foreach (var id in context)
                (ids[at], mask[at++]) = (id, true);
            foreach (var id in continuation)
                (ids[at], labels[at], mask[at++]) = (id, id, true);
        }

        var scored = NextToken.Align(labels, batch.Length, length);
        var statistics = model.Measure(new TokenBatch { Rows = batch.Length, Length = length, InputIds = ids, AttentionMask = mask, Scored = scored });
        for (var row = 0; row < batch.Length; row++)
        {
            var range = scored.Starts[row]..scored.Starts[row + 1];
            scores[batch[row]] = new(statistics.LogProbs[range], scored.Targets.AsSpan(range).SequenceEqual(statistics.Best.AsSpan(range)));
        }
    }
}
