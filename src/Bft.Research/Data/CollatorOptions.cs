namespace Bft.Research.Data;

/// <summary>How examples become batches.</summary>
public sealed record CollatorOptions
{
    /// <summary>Rows B of a batch; the last batch of a round may have fewer.</summary>
    public int Rows { get; init; } = 8;

    /// <summary>Id put on padding.</summary>
    public required int PadId { get; init; }

    /// <summary>Length of packed rows: examples are put behind one another while they fit. Null for one example a row.</summary>
    public int? PackLength { get; init; }

    /// <summary>Whether the order changes every round.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether examples of similar length share a batch (less padding; the order of batches stays random).</summary>
    public bool GroupByLength { get; init; }

    /// <summary>Seed of the order.</summary>
    public long Seed { get; init; }

    /// <summary>Everything wrong with these options.</summary>
    public IEnumerable<string> Validate()
    {
        if (Rows < 1)
            yield return $"Rows: expected 1 or more, actual {Rows}.";
        if (PadId < 0)
            yield return $"PadId: expected a token id, actual {PadId}.";
        if (PackLength is < 2)
            yield return $"PackLength: expected 2 or more, actual {PackLength}.";
    }
}
