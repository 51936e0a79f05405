using Bft.Research.Objectives;

namespace Bft.Research.Verification.Objectives;

/// <summary>Log-probabilities of a case laid out as rows with a mask, and the way between that layout and the ragged one of objectives.</summary>
internal sealed class MaskedLogProbs
{
    private readonly double[][] _logProbs;
    private readonly bool[][] _mask;
    private readonly long[][]? _turns;

    public MaskedLogProbs(GoldenCase golden)
    {
        _logProbs = golden.Input("logprobs").NumberRows();
        _mask = [.. golden.Input("mask").NumberRows().Select(row => row.Select(v => v != 0).ToArray())];
        _turns = golden.OptionalInput("turn_ids")?.IntegerRows();
    }

    public int Rows => _logProbs.Length;

    public int Tokens => _mask.Sum(row => row.Count(m => m));

    /// <summary>The valid tokens of some rows.</summary>
    public TokenLogProbs Take(int firstRow, int rows)
    {
        List<double> values = [];
        List<int> starts = [0], turns = [];
        for (var b = firstRow; b < firstRow + rows; b++)
        {
            for (var t = 0; t < _mask[b].Length; t++)
            {
                if (!_mask[b][t])
                    continue;
                values.Add(_logProbs[b][t]);
                if (_turns is not null)
                    turns.Add((int)_turns[b][t]);
            }

            starts.Add(values.Count);
        }

        return new([.. values], [.. starts], _turns is null ? null : [.. turns]);
    }

    /// <summary>Ragged values back at their positions, row-major, 0 where masked.</summary>
    public double[] Spread(ReadOnlySpan<double> values)
    {
        List<double> spread = [];
        var next = 0;
        foreach (var row in _mask)
            foreach (var valid in row)
                spread.Add(valid ? values[next++] : 0);
        return [.. spread];
    }

    /// <summary>Weighs every micro-batch of the case; the pieces one after the other, losses added up.</summary>
    public (double Loss, IReadOnlyList<Weighting> Parts) Weigh(IObjective objective, int[] microBatches, BatchTotals totals)
    {
        var parts = new List<Weighting>();
        var first = 0;
        foreach (var rows in microBatches)
        {
            parts.Add(objective.Weigh(Take(first, rows), totals));
            first += rows;
        }

        return (parts.Sum(part => part.Loss), parts);
    }
}
