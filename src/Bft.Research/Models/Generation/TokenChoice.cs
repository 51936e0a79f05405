namespace Bft.Research.Models.Generation;

/// <summary>Chooses the next id of every row from its logits.</summary>
internal sealed class TokenChoice(GenerationOptions options, long[] endIds)
{
    private readonly HashSet<long> _ends = [.. endIds];

    /// <summary>Appends an id to every row that has not ended; the others get any id, which nobody sees.</summary>
    /// <param name="logits">[B, V].</param>
    /// <param name="rows">B rows.</param>
    /// <param name="step">Number of new tokens that the rows have.</param>
    public void Choose(Tensor logits, IReadOnlyList<GeneratedRow> rows, int step)
    {
        if (logits.dtype is not torch.ScalarType.Float64)
            logits = logits.to(torch.ScalarType.Float32);
        var normaliser = logits.logsumexp(1);
        var chosen = options.Sample || options.Filters.RepetitionPenalty != 1 ? OneByOne(logits, rows, step) : Largest(logits, step);
        var ids = torch.tensor(chosen, device: logits.device);
        var logProbs = (logits.gather(1, ids.unsqueeze(1)).squeeze(1) - normaliser).to(torch.ScalarType.Float64).cpu().data<double>().ToArray();
        foreach (var row in rows.Where(row => !row.Ended))
            row.Add(chosen[row.Index], logProbs[row.Index], _ends.Contains(chosen[row.Index]));
    }

    private bool EndsForbidden(int step) => step < options.MinNewTokens && _ends.Count > 0;

    private long[] Largest(Tensor logits, int step)
    {
        if (EndsForbidden(step))
            logits = logits.index_fill(1, torch.tensor(_ends.ToArray(), device: logits.device), double.NegativeInfinity);
        return logits.argmax(1).cpu().data<long>().ToArray();
    }

    private long[] OneByOne(Tensor logits, IReadOnlyList<GeneratedRow> rows, int step)
    {
        var values = logits.to(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        var vocabulary = values.Length / rows.Count;
        var chosen = new long[rows.Count];
        foreach (var row in rows.Where(row => !row.Ended))
            chosen[row.Index] = One(values[(row.Index * vocabulary)..((row.Index + 1) * vocabulary)], row, step);
        return chosen;
    }

    private long One(double[] logits, GeneratedRow row, int step)
    {
        options.Filters.Penalise(logits, row.Seen);
        if (EndsForbidden(step))
            foreach (var end in _ends)
                logits[end] = double.NegativeInfinity;
        return options.Sample
            ? TokenDraw.Pick(options.Filters.Probabilities(logits), TokenDraw.Uniform(options.Seed, options.FirstRow + row.Index, step))
            : Array.IndexOf(logits, logits.Max());
    }
}
