namespace Bft.Research.Tokenization;

/// <summary>A range of Unicode code points of the original text; the end is exclusive. A C# string index differs from the first character beyond U+FFFF on.</summary>
public readonly record struct TokenOffset(int Start, int End);

/// <summary>What a text, or a pair of texts, becomes: ids with everything known about them, position by position.</summary>
/// <remarks>Called <c>Encoding</c> in the Hugging Face library; named differently here because <c>System.Text.Encoding</c> is in every file's way.</remarks>
public sealed record TokenEncoding
{
    /// <summary>An encoding of nothing.</summary>
    public static TokenEncoding Empty { get; } = new() { Ids = [], TypeIds = [], Tokens = [], Offsets = [], SpecialTokensMask = [], AttentionMask = [] };

    /// <summary>Token ids.</summary>
    public required int[] Ids { get; init; }

    /// <summary>Segment of each token: 0 for the first text, 1 for the second, as the post-processor says.</summary>
    public required int[] TypeIds { get; init; }

    /// <summary>Vocabulary strings: the byte-level alphabet for BPE, <c>##</c> for WordPiece.</summary>
    public required string[] Tokens { get; init; }

    /// <summary>Code points of the original text that each token covers; [0, 0] for tokens the post-processor added.</summary>
    public required TokenOffset[] Offsets { get; init; }

    /// <summary>1 on tokens that the post-processor or padding added, 0 elsewhere.</summary>
    public required int[] SpecialTokensMask { get; init; }

    /// <summary>0 on padding, 1 elsewhere.</summary>
    public required int[] AttentionMask { get; init; }

    /// <summary>What truncation cut off, each part as long as the truncated length, in the order the library cuts them.</summary>
    public IReadOnlyList<TokenEncoding> Overflowing { get; init; } = [];

    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Length;

    internal TokenEncoding Part(int start, int end) => new()
    {
        Ids = Ids[start..end],
        TypeIds = TypeIds[start..end],
        Tokens = Tokens[start..end],
        Offsets = Offsets[start..end],
        SpecialTokensMask = SpecialTokensMask[start..end],
        AttentionMask = AttentionMask[start..end],
    };

    internal TokenEncoding WithType(int type)
    {
        var types = new int[Length];
        Array.Fill(types, type);
        return this with { TypeIds = types, Overflowing = [.. Overflowing.Select(part => part.WithType(type))] };
    }

    /// <summary>This followed by another; every overflowing part of one is combined with the other and with its parts.</summary>
    internal TokenEncoding Then(TokenEncoding other)
    {
        var overflowing = new List<TokenEncoding>();
        foreach (var part in Overflowing)
        {
            overflowing.Add(part.Then(other with { Overflowing = [] }));
            overflowing.AddRange(other.Overflowing.Select(part.Then));
        }

        var alone = this with { Overflowing = [] };
        overflowing.AddRange(other.Overflowing.Select(alone.Then));
        return new()
        {
            Ids = [.. Ids, .. other.Ids],
            TypeIds = [.. TypeIds, .. other.TypeIds],
            Tokens = [.. Tokens, .. other.Tokens],
            Offsets = [.. Offsets, .. other.Offsets],
            SpecialTokensMask = [.. SpecialTokensMask, .. other.SpecialTokensMask],
            AttentionMask = [.. AttentionMask, .. other.AttentionMask],
            Overflowing = overflowing,
        };
    }
}

/// <summary>Collects tokens of one text.</summary>
internal sealed class EncodingBuilder
{
    private readonly List<int> _ids = [];
    private readonly List<string> _tokens = [];
    private readonly List<TokenOffset> _offsets = [];

    public void Add(int id, string token, int start, int end)
    {
        _ids.Add(id);
        _tokens.Add(token);
        _offsets.Add(new(start, end));
    }

    public TokenEncoding Build(int type)
    {
        int[] types = new int[_ids.Count], attention = new int[_ids.Count];
        Array.Fill(types, type);
        Array.Fill(attention, 1);
        return new()
        {
            Ids = [.. _ids],
            TypeIds = types,
            Tokens = [.. _tokens],
            Offsets = [.. _offsets],
            SpecialTokensMask = new int[_ids.Count],
            AttentionMask = attention,
        };
    }
}
