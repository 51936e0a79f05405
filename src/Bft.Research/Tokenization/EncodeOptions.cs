namespace Bft.Research.Tokenization;

/// <summary>How texts are encoded.</summary>
public sealed record EncodeOptions
{
    /// <summary>Whether the post-processor adds its tokens.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Cut to length, or null to keep everything.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>Fill up to one length, or null to leave lengths as they are.</summary>
    public Padding? Padding { get; init; }
}
