namespace Bft.Research.Numerics;

/// <summary>Aligns labels with the hidden states that predict them. The only label shift in the code base.</summary>
public static class NextToken
{
    /// <summary>Label of a position that is not supervised.</summary>
    public const long Ignored = -100;

    /// <summary>Position t predicts the label at t + 1 of the same sample; the label of a sample's first position is predicted by nothing and never counts.</summary>
    /// <param name="labels">[B·T] label of each position, row by row, not shifted; <see cref="Ignored"/> where nothing is supervised.</param>
    /// <param name="rows">B.</param>
    /// <param name="length">T.</param>
    /// <param name="samples">[B·T] sample number inside the row, non-decreasing from 0; null when every row is one sample. Negative on padding.</param>
    /// <param name="turns">[B·T] turn number of each label position, or null.</param>
    /// <param name="ends">[B·T] whether the token at each position ends a response, or null.</param>
    /// <exception cref="ArgumentException">An array does not have B·T entries, or sample numbers decrease inside a row.</exception>
    public static ScoredPositions Align(
        ReadOnlySpan<long> labels, int rows, int length, ReadOnlySpan<int> samples = default, ReadOnlySpan<int> turns = default, ReadOnlySpan<bool> ends = default)
    {
        RequireShape(nameof(labels), labels.Length, rows, length);
        if (!samples.IsEmpty)
            RequireShape(nameof(samples), samples.Length, rows, length);
        if (!turns.IsEmpty)
            RequireShape(nameof(turns), turns.Length, rows, length);
        if (!ends.IsEmpty)
            RequireShape(nameof(ends), ends.Length, rows, length);

        List<long> positions = [], targets = [];
        List<int> starts = [], targetTurns = [];
        List<bool> targetEnds = [];
        for (var row = 0; row < rows; row++)
        {
            var current = 0;
            starts.Add(positions.Count);
            for (var t = 0; t < length; t++)
            {
                var at = row * length + t;
                if (!samples.IsEmpty && samples[at] >= 0 && samples[at] != current)
                {
                    if (samples[at] < current)
                        throw new ArgumentException($"samples: row {row}, position {t}: sample number {samples[at]} after {current}.", nameof(samples));
                    for (; current < samples[at]; current++)
                        starts.Add(positions.Count);
                }

                var opensSample = t == 0 || (!samples.IsEmpty && samples[at] != samples[at - 1]);
                if (opensSample || labels[at] == Ignored || (!samples.IsEmpty && samples[at] < 0))
                    continue;
                positions.Add(at - 1);
                targets.Add(labels[at]);
                if (!turns.IsEmpty)
                    targetTurns.Add(turns[at]);
                if (!ends.IsEmpty)
                    targetEnds.Add(ends[at]);
            }
        }

        starts.Add(positions.Count);
        return new()
        {
            Rows = rows,
            Length = length,
            Positions = [.. positions],
            Targets = [.. targets],
            Starts = [.. starts],
            Turns = turns.IsEmpty ? null : [.. targetTurns],
            Ends = ends.IsEmpty ? null : [.. targetEnds],
        };
    }

    private static void RequireShape(string name, int actual, int rows, int length)
    {
        if (actual != checked(rows * length))
            throw new ArgumentException($"{name}: expected B·T = {rows}·{length} = {rows * length} entries, actual {actual}.", name);
    }
}
