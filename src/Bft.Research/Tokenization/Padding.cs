namespace Bft.Research.Tokenization;

/// <summary>How encodings are filled up to one length.</summary>
public sealed record Padding
{
    /// <summary>Id of the padding token.</summary>
    public required int PadId { get; init; }

    /// <summary>The padding token.</summary>
    public required string PadToken { get; init; }

    /// <summary>Segment of the padding.</summary>
    public int PadType { get; init; }

    /// <summary>The length to reach, or null for that of the longest of a batch.</summary>
    public int? Length { get; init; }

    /// <summary>The length is raised to a multiple of this, when given.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>The end at which padding is put.</summary>
    public TextSide Side { get; init; } = TextSide.Right;

    /// <summary>Pads all to one length; longer ones stay as they are.</summary>
    internal IReadOnlyList<TokenEncoding> Apply(IReadOnlyList<TokenEncoding> encodings)
    {
        var length = Length ?? encodings.Select(encoding => encoding.Length).DefaultIfEmpty(0).Max();
        if (MultipleOf is > 0)
            length = (length + MultipleOf.Value - 1) / MultipleOf.Value * MultipleOf.Value;
        return [.. encodings.Select(encoding => Fill(encoding, length))];
    }

    private TokenEncoding Fill(TokenEncoding encoding, int length)
    {
        var count = length - encoding.Length;
        var overflowing = encoding.Overflowing.Select(part => Fill(part, length)).ToList();
        if (count <= 0)
            return encoding with { Overflowing = overflowing };
        return encoding with
        {
            Ids = Join(encoding.Ids, PadId, count),
            TypeIds = Join(encoding.TypeIds, PadType, count),
            Tokens = Join(encoding.Tokens, PadToken, count),
            Offsets = Join(encoding.Offsets, default, count),
            SpecialTokensMask = Join(encoding.SpecialTokensMask, 1, count),
            AttentionMask = Join(encoding.AttentionMask, 0, count),
            Overflowing = overflowing,
        };
    }

    private T[] Join<T>(T[] values, T fill, int count)
    {
        var filling = new T[count];
        Array.Fill(filling, fill);
        return Side == TextSide.Right ? [.. values, .. filling] : [.. filling, .. values];
    }
}
