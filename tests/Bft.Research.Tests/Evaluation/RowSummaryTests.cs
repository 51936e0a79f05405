using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Tests.Models;

namespace Bft.Research.Tests.Evaluation;

/// <summary>What <c>bft eval</c> says of rows, against sums over full logits in float64 loops.</summary>
public sealed class RowSummaryTests
{
    private const int Window = 3;

    private static readonly RowSet s_rows = new(
    [
        Row("a", [3, 9, 27, 31, 4], [-100, -100, 27, 31, 4]),
        Row("b", [5, 6], [-100, 6]),
        Row("long", [8, 1, 44, 5, 6, 7, 11], [-100, 1, 44, 5, 6, 7, 11]),
        Row("long", [8, 2, 3], [-100, 2, 3]),
        Row("nothing", [8, 2, 3], [8, -100, -100]),
    ], padId: 0);

    [Fact]
    public void Measures_are_those_of_a_loop_over_all_logits_whatever_the_batches()
    {
        using var model = TinyDecoder.Create();
        RowMeasures[] expected = [Loop(model, s_rows.Examples[0]), Loop(model, s_rows.Examples[1]), Joined(Loop(model, s_rows.Examples[2]), Loop(model, s_rows.Examples[3]))];
        foreach (var rowsPerBatch in (int[])[1, 2, 8])
            Same(expected, RowMeasures.Of(model, s_rows, Window, rowsPerBatch));
        Assert.ThrowsAny<Exception>(() => Same([Loop(model, s_rows.Examples[0], shift: 1), .. expected[1..]], RowMeasures.Of(model, s_rows, Window))); // labels against the wrong states
        Assert.ThrowsAny<Exception>(() => Same(expected, RowMeasures.Of(model, s_rows, Window + 1)));
    }

    [Fact]
    public void A_summary_weighs_tokens_alike_and_its_interval_draws_rows()
    {
        RowMeasures[] rows = [new("a", 1, 4, 1, 0.5, 0.5), new("b", 3, 3, 0, 0.6, 0.1), new("c", 4, 2, 4, 3.6, 0.7)];
        var summary = RowSummary.Of(rows, resamples: 4000, seed: 3);
        Assert.Equal((3, 8, 9 / 8.0, Math.Exp(9 / 8.0), 5 / 8.0, 4.7 / 8), (summary.Rows, summary.Tokens, summary.Nll.Value, summary.Perplexity.Value, summary.Accuracy.Value, Math.Round(summary.MeanConfidence.Value, 12)));
        Assert.Equal(1.3 / 3, summary.LowestWindow.Value, 1e-12);
        Assert.NotEqual(rows.Average(row => row.Nll / row.Tokens), summary.Nll.Value); // the wrong variant weighs rows alike
        Assert.Equal((0.5, 4.0), (summary.Nll.Low, summary.Nll.High)); // all rows the best one, all rows the worst one
        Assert.Equal(summary, RowSummary.Of(rows, resamples: 4000, seed: 3));
        var one = RowSummary.Of(rows[..1]);
        Assert.Equal((4.0, 4.0, 4.0), (one.Nll.Low, one.Nll.Value, one.Nll.High));
        Assert.Throws<InvalidDataException>(() => RowSummary.Of([]));
    }

    private static TokenizedExample Row(string name, int[] ids, long[] labels) => new() { Name = name, Ids = ids, Labels = labels };

    private static RowMeasures Joined(RowMeasures a, RowMeasures b) => new(a.Name, a.Tokens + b.Tokens, a.Nll + b.Nll, a.Right + b.Right, a.Confidence + b.Confidence, Math.Min(a.LowestWindow, b.LowestWindow));

    private static RowMeasures Loop(CausalLm model, TokenizedExample row, int shift = 0)
    {
        using var scope = torch.NewDisposeScope();
        var logits = model.Logits(model.Hidden(torch.tensor([.. row.Ids.Select(id => (long)id)], [1, row.Ids.Length])))[0];
        double nll = 0, confidence = 0;
        var right = 0;
        List<double> all = [];
        for (var t = 1; t < row.Ids.Length; t++)
        {
            if (row.Labels[t] < 0)
                continue;
            double[] state = [.. logits[Math.Max(0, t - 1 - shift)].data<double>()];
            var logProb = state[row.Labels[t]] - Math.Log(state.Sum(Math.Exp));
            nll -= logProb;
            confidence += Math.Exp(logProb);
            right += Array.IndexOf(state, state.Max()) == row.Labels[t] ? 1 : 0;
            all.Add(Math.Exp(logProb));
        }

        var lowest = Enumerable.Range(0, all.Count).Min(t => all.Skip(Math.Max(0, t - Window / 2)).Take(t - Window / 2 + Window - Math.Max(0, t - Window / 2)).Average());
        return new(row.Name, all.Count, nll, right, confidence, lowest);
    }

    private static void Same(IReadOnlyList<RowMeasures> expected, IReadOnlyList<RowMeasures> actual)
    {
        Assert.Equal(expected.Select(row => (row.Name, row.Tokens, row.Right)), actual.Select(row => (row.Name, row.Tokens, row.Right)));
        Assert.All(expected.Zip(actual), pair =>
        {
            Assert.Equal(pair.First.Nll, pair.Second.Nll, 1e-9);
            Assert.Equal(pair.First.Confidence, pair.Second.Confidence, 1e-9);
            Assert.Equal(pair.First.LowestWindow, pair.Second.LowestWindow, 1e-9);
        });
    }
}
