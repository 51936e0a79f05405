using System.CommandLine;
using Bft.Research.Models.Generation;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary>What a verb that writes text is told: the model, and how tokens are chosen.</summary>
internal abstract record SamplingOptions : ModelUseOptions
{
    /// <summary>Most new tokens of an answer.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Tokens are drawn at this temperature; 0 takes the most probable one.</summary>
    public double Temperature { get; init; }

    /// <summary>Tokens are drawn from the smallest set with this probability.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Tokens are drawn from this many; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Above 1 makes tokens that were there already less probable.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the draws.</summary>
    public long Seed { get; init; }

    /// <summary>Short names of the options about sampling and of those about the model.</summary>
    /// <param name="maxNewTokens">Default of <see cref="MaxNewTokens"/>, for the help.</param>
    public static IReadOnlyList<(string Name, Option Option)> Named(int maxNewTokens) =>
    [
        .. Named(),
        ("maxNewTokens", Text("--max-new-tokens", $"most new tokens (default {maxNewTokens})")),
        ("temperature", Text("--temperature", "draws tokens at this temperature; 0 (default) takes the most probable one")),
        ("topP", Text("--top-p", "drawn from the smallest set with this probability (default 1)")),
        ("topK", Text("--top-k", "drawn from this many tokens; 0 (default) for all")),
        ("repetitionPenalty", Text("--repetition-penalty", "above 1 (default) makes tokens that were there already less probable")),
        ("seed", Text("--seed", "seed of the draws (default 0)")),
    ];

    /// <summary>As the generator takes it.</summary>
    /// <param name="ends">Ids at which an answer ends.</param>
    public GenerationOptions ToGeneration(IReadOnlyList<long> ends) => new()
    {
        MaxNewTokens = MaxNewTokens,
        EosTokenIds = ends,
        Sample = Temperature != 0,
        Seed = (ulong)Seed,
        Filters = new() { Temperature = Temperature == 0 ? 1 : Temperature, TopP = TopP, TopK = TopK, RepetitionPenalty = RepetitionPenalty },
    };

    /// <inheritdoc/>
    protected override void AddProblems(List<string> problems)
    {
        if (!(Temperature >= 0))
            problems.Add($"{nameof(Temperature)}: expected a number of at least 0, actual {Temperature}");
        if (Seed < 0)
            problems.Add($"{nameof(Seed)}: expected a whole number of at least 0, actual {Seed}");
        problems.AddRange((this with { Temperature = Temperature >= 0 ? Temperature : 0, Seed = 0 }).ToGeneration([]).Validate());
    }
}
