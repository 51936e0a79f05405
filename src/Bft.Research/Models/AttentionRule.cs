namespace Bft.Research.Models;

/// <summary>Neighbouring positions of a row that see each other and nobody else.</summary>
/// <param name="Row">The row.</param>
/// <param name="Start">The first position.</param>
/// <param name="Length">Number of positions.</param>
internal readonly record struct AttentionRun(long Row, long Start, long Length)
{
    /// <summary>The runs of packed rows, row by row and without gaps; null when the positions of a sample do not lie behind one another.</summary>
    /// <param name="samples">[B, T] integers: number of the sample of each position.</param>
    public static AttentionRun[]? Of(Tensor samples)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var numbers = samples.to(torch.ScalarType.Int64).cpu().contiguous().data<long>().ToArray();
        var length = samples.size(1);
        List<AttentionRun> runs = [];
        for (long row = 0, at = 0; row < samples.size(0); row++)
        {
            HashSet<long> seen = [];
            for (var end = at + length; at < end;)
            {
                var start = at;
                if (!seen.Add(numbers[start]))
                    return null;
                while (at < end && numbers[at] == numbers[start])
                    at++;
                runs.Add(new(row, start - row * length, at - start));
            }
        }

        return [.. runs];
    }
}

/// <summary>Who sees whom in one layer.</summary>
/// <param name="Mask">[B or 1, 1, T, past + T] additive mask, or null.</param>
/// <param name="Causal">Without a mask: whether a position sees itself and those before it only.</param>
/// <param name="Runs">Runs that are computed each on its own, causally, so that nothing is spent on what does not see each other; null for whole rows.</param>
internal readonly record struct AttentionRule(Tensor? Mask, bool Causal, AttentionRun[]? Runs = null);
