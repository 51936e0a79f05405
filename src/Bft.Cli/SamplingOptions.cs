using System.CommandLine;
using Bft.Research.Models.Generation;

namespace Bft.Cli;

/// <summary>The options that say how tokens are chosen.</summary>
internal sealed class SamplingOptions(int maxNewTokens)
{
    private readonly Option<int> _tokens = new("--max-new-tokens") { Description = "most new tokens", DefaultValueFactory = _ => maxNewTokens };
    private readonly Option<double> _temperature = new("--temperature") { Description = "draws tokens at this temperature; 0 (default) takes the most probable one" };
    private readonly Option<double> _topP = new("--top-p") { Description = "drawn from the smallest set with this probability", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _topK = new("--top-k") { Description = "drawn from this many tokens; 0 for all" };
    private readonly Option<double> _penalty = new("--repetition-penalty") { Description = "above 1 makes tokens that were there already less probable", DefaultValueFactory = _ => 1 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "seed of the draws" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_tokens, _temperature, _topP, _topK, _penalty, _seed])
            command.Add(option);
    }

    /// <exception cref="InvalidDataException">Values contradict each other.</exception>
    public GenerationOptions Read(ParseResult result, IReadOnlyList<long> ends)
    {
        var temperature = result.GetValue(_temperature);
        if (!(temperature >= 0))
            throw new InvalidDataException($"{_temperature.Name}: expected a number of at least 0, actual {temperature}.");
        var options = new GenerationOptions
        {
            MaxNewTokens = result.GetValue(_tokens),
            EosTokenIds = ends,
            Sample = temperature != 0,
            Seed = result.GetValue(_seed),
            Filters = new() { Temperature = temperature == 0 ? 1 : temperature, TopP = result.GetValue(_topP), TopK = result.GetValue(_topK), RepetitionPenalty = result.GetValue(_penalty) },
        };
        return options.Validate() is { Count: > 0 } problems ? throw new InvalidDataException($"options: {string.Join("; ", problems)}.") : options;
    }
}
