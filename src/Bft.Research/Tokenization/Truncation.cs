namespace Bft.Research.Tokenization;

/// <summary>Which text gives way when a pair is too long.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one until both are equally long, then both.</summary>
    LongestFirst,

    /// <summary>Only the first text.</summary>
    OnlyFirst,

    /// <summary>Only the second text.</summary>
    OnlySecond,
}

/// <summary>An end of a text.</summary>
public enum TextSide
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The beginning.</summary>
    Left,
}

/// <summary>How an encoding is cut to length; special tokens count and are never cut.</summary>
public sealed record Truncation
{
    /// <summary>Most tokens of the result, special tokens included. Below the number of special tokens nothing is cut at all, as in the reference.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Tokens that neighbouring overflowing parts share.</summary>
    public int Stride { get; init; }

    /// <summary>Which text of a pair is cut.</summary>
    public TruncationStrategy Strategy { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>The end at which tokens are cut off.</summary>
    public TextSide Side { get; init; } = TextSide.Right;

    /// <summary>Everything wrong with these options.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxLength < 0)
            yield return $"MaxLength: expected 0 or more, actual {MaxLength}.";
        if (Stride < 0)
            yield return $"Stride: expected 0 or more, actual {Stride}.";
    }

    /// <summary>Cuts one text or a pair so that it fits together with <paramref name="addedTokens"/> special tokens.</summary>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    /// <exception cref="InvalidOperationException">The text that may be cut is too short, is missing, or the stride leaves no progress.</exception>
    internal IReadOnlyList<TokenEncoding> Apply(IReadOnlyList<TokenEncoding> texts, int addedTokens)
    {
        var problems = Validate().ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems));
        var room = MaxLength - addedTokens;
        var excess = texts.Sum(text => text.Length) - room;
        if (room < 0 || excess <= 0)
            return texts;
        if (room == 0)
            return [.. texts.Select(text => Cut(text, 0))];
        if (Strategy != TruncationStrategy.LongestFirst)
            return CutOne(texts, excess);
        if (texts.Count == 1)
            return [Cut(texts[0], room)];
        var (first, second) = Share(texts[0].Length, texts[1].Length, room);
        return [Cut(texts[0], first), Cut(texts[1], second)];
    }

    private IReadOnlyList<TokenEncoding> CutOne(IReadOnlyList<TokenEncoding> texts, int excess)
    {
        var target = Strategy == TruncationStrategy.OnlyFirst ? 0 : 1;
        if (target >= texts.Count)
            throw new InvalidOperationException("Truncation error: Second sequence not provided");
        if (texts[target].Length <= excess)
            throw new InvalidOperationException("Truncation error: Sequence to truncate too short to respect the provided max_length");
        return [.. texts.Select((text, i) => i == target ? Cut(text, text.Length - excess) : text)];
    }

    /// <summary>Lengths of a pair under <see cref="TruncationStrategy.LongestFirst"/>: the shorter text keeps its length while it fits in half.</summary>
    private static (int First, int Second) Share(int first, int second, int room)
    {
        int shorter = Math.Min(first, second), longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            shorter = room / 2;
            longer = shorter + room % 2;
        }

        return first > second ? (longer, shorter) : (shorter, longer);
    }

    private TokenEncoding Cut(TokenEncoding text, int length)
    {
        if (length >= text.Length)
            return text;
        if (length == 0)
            return TokenEncoding.Empty with { Overflowing = [text] };
        if (Stride >= length)
            throw new InvalidOperationException($"Truncation error: stride {Stride} must be smaller than the {length} tokens that are left for the text.");
        var parts = new List<TokenEncoding>();
        var step = length - Stride;
        if (Side == TextSide.Right)
            for (var start = 0; ; start += step)
            {
                parts.Add(text.Part(start, Math.Min(start + length, text.Length)));
                if (start + length >= text.Length)
                    break;
            }
        else
            for (var end = text.Length; ; end -= step)
            {
                parts.Add(text.Part(Math.Max(end - length, 0), end));
                if (end <= length)
                    break;
            }

        return parts[0] with { Overflowing = parts[1..] };
    }
}
