namespace Bft.Cli;

/// <summary>What defines a conversation on the command line.</summary>
internal sealed record ChatOptions : SamplingOptions
{
    public ChatOptions() => MaxNewTokens = DefaultTokens;

    /// <summary>Most new tokens of an answer, unless something else is asked for.</summary>
    internal const int DefaultTokens = 512;

    /// <summary>System turn; null for none.</summary>
    public string? System { get; init; }
}
