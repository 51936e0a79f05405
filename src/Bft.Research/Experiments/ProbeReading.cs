using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Numerics;

namespace Bft.Research.Experiments;

/// <summary>What a model makes of every token of a probe, in one pass over it.</summary>
public sealed class ProbeReading
{
    private const int RowsPerBatch = 16;
    private readonly (double[] LogProbs, bool[] Right)[] _rows;
    private readonly TokenSums[] _questions;

    private ProbeReading((double[], bool[])[] rows, TokenSums[] questions) => (_rows, _questions) = (rows, questions);

    /// <summary>Log-probabilities (nats) of the supervised tokens of a row.</summary>
    public IReadOnlyList<double> LogProbs(int row) => _rows[row].LogProbs;

    /// <summary>Reads a probe; no graph is built, no dropout applied.</summary>
    /// <param name="model">The model with whatever adapter it carries.</param>
    /// <param name="set">The probe.</param>
    /// <param name="padId">Id put on padding.</param>
    /// <param name="ask">Whether the questions are asked too; they cost one pass an option.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    public static ProbeReading Of(CausalLm model, ProbeSet set, int padId, bool ask, CancellationToken cancellationToken = default)
    {
        var collator = new Collator(padId);
        var rows = new (double[], bool[])[set.Rows.Count];
        foreach (var numbers in Enumerable.Range(0, rows.Length).OrderBy(i => set.Rows[i].Length).Chunk(RowsPerBatch))
        {
            StopPoint.Pass(cancellationToken);
            var batch = collator.Collate([.. numbers.Select(i => set.Rows[i])]);
            var measured = model.Measure(batch);
            for (var k = 0; k < numbers.Length; k++)
            {
                var range = batch.Scored.Starts[k]..batch.Scored.Starts[k + 1];
                rows[numbers[k]] = (measured.LogProbs[range], [.. measured.Best[range].Zip(batch.Scored.Targets[range], (best, target) => best == target)]);
            }
        }

        return new(rows, ask ? Ask(model, set, cancellationToken) : new TokenSums[set.Questions.Count]);
    }

    /// <summary>Sums of each row, over all tokens and over those that were low in an earlier reading.</summary>
    /// <param name="before">The reading of the untrained model; this one itself for the untrained model.</param>
    /// <param name="threshold">Confidence below which a token is low.</param>
    /// <exception cref="ArgumentException">The readings are of different rows.</exception>
    public IReadOnlyList<ProbeRow> Rows(ProbeReading before, double threshold)
    {
        if (!_rows.Select(row => row.Right.Length).SequenceEqual(before._rows.Select(row => row.Right.Length)))
            throw new ArgumentException("before: expected a reading of the same rows, actual one of others.", nameof(before));
        return [.. _rows.Select((row, i) => new ProbeRow(Sum(row, _ => true), Sum(row, t => Math.Exp(before._rows[i].LogProbs[t]) < threshold), _questions.ElementAtOrDefault(i)))];
    }

    private static TokenSums Sum((double[] LogProbs, bool[] Right) row, Func<int, bool> pick) =>
        Enumerable.Range(0, row.Right.Length).Where(pick).Aggregate(new TokenSums(), (sum, t) => sum + TokenSums.Of(row.LogProbs[t], row.Right[t]));

    /// <summary>Probability of the right option among the options, from their log-likelihoods as written.</summary>
    private static TokenSums[] Ask(CausalLm model, ProbeSet set, CancellationToken cancellationToken) =>
    [
        .. MultipleChoice.Score(model, [.. set.Questions.Select(question => question.Item)], 4 * RowsPerBatch, cancellationToken).Zip(set.Questions, (scores, question) =>
        {
            double[] values = [.. question.Item.Choices.Select((_, choice) => scores.Value(choice, ChoiceNormalisation.None))];
            var top = values.Max();
            return TokenSums.Of(values[question.Answer] - top - Math.Log(values.Sum(v => Math.Exp(v - top))), scores.Choose(ChoiceNormalisation.None) == question.Answer);
        }),
    ];
}
