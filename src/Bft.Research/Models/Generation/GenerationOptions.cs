namespace Bft.Research.Models.Generation;

/// <summary>How texts are continued. Defaults: greedy, at most 64 new tokens, stopping at the model's own end tokens.</summary>
/// <remarks>Unlike Transformers there is no silent top-k of 50, no length of 20: what is not set does nothing.</remarks>
public sealed record GenerationOptions
{
    /// <summary>Largest number of new tokens a row.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>While fewer new tokens were made, no end token can be chosen.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>Ids that end a row, the id itself included in the output; null for those of the model's configuration, empty to never stop early.</summary>
    public IReadOnlyList<long>? EosTokenIds { get; init; }

    /// <summary>Whether tokens are drawn; otherwise the most probable one is taken, the first of equals.</summary>
    public bool Sample { get; init; }

    /// <summary>What is done to the logits. Without <see cref="Sample"/> only the repetition penalty counts, for the others never move the largest logit.</summary>
    public SamplingFilters Filters { get; init; } = new();

    /// <summary>Seed of the draws; equal seeds give equal tokens whatever else runs.</summary>
    public ulong Seed { get; init; }

    /// <summary>Number of the first prompt: what a row draws depends on seed and number alone, so that prompts answered in parts draw what they draw together.</summary>
    public int FirstRow { get; init; }

    /// <summary>Everything that is wrong with these values; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (MaxNewTokens < 1)
            problems.Add($"MaxNewTokens: expected at least 1, actual {MaxNewTokens}");
        if (MinNewTokens < 0 || MinNewTokens > MaxNewTokens)
            problems.Add($"MinNewTokens: expected 0 to MaxNewTokens {MaxNewTokens}, actual {MinNewTokens}");
        problems.AddRange(Filters.Validate());
        return problems;
    }
}
