using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Uncertainty;

namespace Bft.Research.Evaluation;

/// <summary>What a model makes of the supervised tokens of one row, or of several pieces of one text.</summary>
/// <param name="Name">Where the row came from.</param>
/// <param name="Tokens">Supervised tokens.</param>
/// <param name="Nll">Σ −log p (nats).</param>
/// <param name="Right">Tokens that are the most probable ones.</param>
/// <param name="Confidence">Σ p.</param>
/// <param name="LowestWindow">Smallest centred window mean of p (BFT's p_conf as v3 defines it); of pieces, the smallest.</param>
public sealed record RowMeasures(string Name, long Tokens, double Nll, long Right, double Confidence, double LowestWindow)
{
    /// <summary>Measures rows; no graph is built, no dropout applied. Rows of one name in a row are taken together: pieces of one text.</summary>
    /// <param name="model">The model with whatever adapter it carries.</param>
    /// <param name="rows">Rows; one without a supervised token is left out.</param>
    /// <param name="window">Tokens of a confidence window.</param>
    /// <param name="rowsPerBatch">Rows that go through the model together; changes nothing but speed.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    public static IReadOnlyList<RowMeasures> Of(CausalLm model, RowSet rows, int window = 256, int rowsPerBatch = 8, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        var collator = new Collator(rows.PadId);
        var pieces = new RowMeasures[rows.Examples.Count];
        foreach (var chosen in Enumerable.Range(0, rows.Examples.Count).OrderByDescending(i => rows.Examples[i].Length).Chunk(rowsPerBatch))
        {
            StopPoint.Pass(cancellationToken);
            var batch = collator.Collate([.. chosen.Select(i => rows.Examples[i])]);
            var read = batch.Scored.Count == 0 ? null : model.Measure(batch);
            for (var i = 0; i < chosen.Length; i++)
                pieces[chosen[i]] = Row(batch, i, read, window);
        }

        return Joined(pieces);
    }

    private static RowMeasures Row(TokenBatch batch, int row, Objectives.LmHeadStatistics? read, int window)
    {
        var range = batch.Scored.Starts[row]..batch.Scored.Starts[row + 1];
        double[] logProbs = read?.LogProbs[range] ?? [];
        if (logProbs.Length == 0)
            return new(batch.SampleNames[row], 0, 0, 0, 0, double.PositiveInfinity);
        double[] confidences = [.. logProbs.Select(Math.Exp)], means = new double[confidences.Length];
        ConfidenceWindows.CentredMeans(confidences, window, WindowAlignment.Left, means);
        var right = batch.Scored.Targets[range].Zip(read!.Best[range]).LongCount(pair => pair.First == pair.Second);
        return new(batch.SampleNames[row], logProbs.Length, -logProbs.Sum(), right, confidences.Sum(), means.Min());
    }

    private static List<RowMeasures> Joined(RowMeasures[] pieces)
    {
        List<RowMeasures> rows = [];
        foreach (var piece in pieces.Where(piece => piece.Tokens > 0))
            if (rows.Count > 0 && rows[^1] is var last && last.Name == piece.Name)
                rows[^1] = new(last.Name, last.Tokens + piece.Tokens, last.Nll + piece.Nll, last.Right + piece.Right, last.Confidence + piece.Confidence, Math.Min(last.LowestWindow, piece.LowestWindow));
            else
                rows.Add(piece);
        return rows;
    }
}
