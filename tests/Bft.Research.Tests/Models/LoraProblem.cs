using Bft.Research.Models;
using Bft.Research.Tests.Training;

namespace Bft.Research.Tests.Models;

/// <summary>Kinds of adapters on the tiny decoder, filled so that every part of them matters.</summary>
internal static class LoraProblem
{
    /// <summary>Every kind, by a name for the test's output.</summary>
    public static IReadOnlyDictionary<string, (bool Tied, LoraOptions Options)> Kinds { get; } = new Dictionary<string, (bool, LoraOptions)>
    {
        ["blocks"] = (true, new() { Rank = 3, Alpha = 7 }),
        ["rank-stabilised patterns"] = (true, new()
        {
            Rank = 4,
            Alpha = 8,
            RankStabilized = true,
            RankPattern = new Dictionary<string, int> { [@"layers\.1\..*_proj"] = 2 },
            AlphaPattern = new Dictionary<string, double> { ["q_proj"] = 5 },
        }),
        ["DoRA on blocks"] = (true, new() { Rank = 3, Alpha = 7, Dora = true }),
        ["head of a tied model"] = (true, new() { Rank = 3, Alpha = 7, Targets = ["lm_head", "q_proj"] }),
        ["head alone"] = (false, new() { Rank = 3, Alpha = 7, Targets = ["lm_head"] }),
        ["DoRA on the head"] = (false, new() { Rank = 3, Alpha = 7, Dora = true, Targets = ["lm_head", "v_proj"] }),
        ["embedding of a tied model"] = (true, new() { Rank = 3, Alpha = 7, Targets = ["embed_tokens", "q_proj"] }),
        ["DoRA on the embedding"] = (false, new() { Rank = 3, Alpha = 7, Dora = true, Targets = ["embed_tokens"] }),
        ["both ends of a tied model"] = (true, new() { Rank = 3, Alpha = 7, Targets = ["embed_tokens", "lm_head", "down_proj"] }),
        ["embedding replaced in a tied model"] = (true, new() { Rank = 3, Alpha = 7, Targets = ["q_proj"], ModulesToSave = ["embed_tokens"] }),
        ["head replaced beside an embedding update"] = (true, new() { Rank = 3, Alpha = 7, Targets = ["embed_tokens"], ModulesToSave = ["lm_head"] }),
    };

    public static TheoryData<string> Names { get; } = [.. Kinds.Keys];

    /// <summary>A model with an adapter of a kind whose matrices are all different from zero and from their start.</summary>
    public static (CausalLm Model, LoraAdapter Adapter) Create(string kind, torch.ScalarType dtype = torch.ScalarType.Float64)
    {
        var (tied, options) = Kinds[kind];
        var model = TinyModel.Create(dtype, tied);
        var adapter = LoraAdapter.Create(model, options, 1);
        Fill(adapter);
        return (model, adapter);
    }

    public static void Fill(LoraAdapter adapter)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var generator = new torch.Generator(5);
        foreach (var (name, value) in adapter.Parameters)
        {
            var noise = torch.randn(value.shape, torch.ScalarType.Float32, generator: generator).to(value.dtype);
            value.add_(noise.mul_(name.Contains("lora_", StringComparison.Ordinal) ? 0.2 : 0.05)); // below the entries of a replaced matrix, 0.3
        }
    }
}
