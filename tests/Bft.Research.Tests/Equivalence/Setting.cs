using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tests.Models;
using Bft.Research.Tests.Training;

namespace Bft.Research.Tests.Equivalence;

/// <summary>An objective and a dtype.</summary>
/// <param name="Name">Name of the objective.</param>
/// <param name="Objective">Its options; windows of 3 tokens, shorter than most samples.</param>
/// <param name="Dtype">Dtype of the model.</param>
internal sealed record Setting(string Name, ObjectiveOptions Objective, torch.ScalarType Dtype)
{
    public static IReadOnlyList<torch.ScalarType> Dtypes { get; } = [torch.ScalarType.Float64, torch.ScalarType.Float32, torch.ScalarType.BFloat16];

    public static IReadOnlyDictionary<string, ObjectiveOptions> Objectives { get; } = new Dictionary<string, ObjectiveOptions>
    {
        ["sft"] = new() { Kind = ObjectiveKind.Sft, ConfidenceWindow = 3 },
        ["dft"] = new() { Kind = ObjectiveKind.Dft, ConfidenceWindow = 3 },
        ["bft-v1-code"] = new() { Kind = ObjectiveKind.BftV1Code, ConfidenceWindow = 3 },
        ["bft-v1-paper by turns"] = new() { Kind = ObjectiveKind.BftV1Paper, ConfidenceWindow = 3, WindowScope = WindowScope.Turn },
        ["bft-v3"] = new() { Kind = ObjectiveKind.BftV3, ConfidenceWindow = 3 },
    };

    public static IEnumerable<Setting> Of(torch.ScalarType dtype) => Objectives.Select(objective => new Setting(objective.Key, objective.Value, dtype));

    /// <summary>Whether samples have weights of their own.</summary>
    public bool Balanced => Objective.Kind is not (ObjectiveKind.Sft or ObjectiveKind.Dft);

    /// <summary>
    /// What rounding may cost: losses, then gradients. In float64 it is the order of sums; a bfloat16 model is computed in float32 on the CPU, but for the head's gradient, the hidden
    /// states and the embedding's gradient, which are rounded to 8 digits. About three times what was measured (docs/equivalence.md).
    /// </summary>
    public Agreement Bound => Bounds[Dtype];

    private static readonly Dictionary<torch.ScalarType, Agreement> Bounds = new()
    {
        [torch.ScalarType.Float64] = new(new(1e-14, 2e-15), new(1e-13, 2e-14)),
        [torch.ScalarType.Float32] = new(new(5e-6, 1e-6), new(5e-5, 5e-6)),
        [torch.ScalarType.BFloat16] = new(new(5e-2, 1e-2), new(5e-1, 5e-2)),
    };

    /// <summary>The tiny model in the dtype, or computed with in float64: the same rounded weights.</summary>
    public CausalLm Model(bool wide, bool tied = true)
    {
        var model = TinyModel.Create(Dtype, tied);
        if (!wide || Dtype == torch.ScalarType.Float64)
            return model;
        var exact = TinyModel.Create(torch.ScalarType.Float64, tied);
        Copy(model.Parameters, exact.Parameters);
        model.Dispose();
        return exact;
    }

    /// <summary>An adapter without a part that is zero, with the same values beside a model of any dtype.</summary>
    public static LoraAdapter Adapter(CausalLm model, LoraOptions options)
    {
        using var narrow = TinyModel.Create(torch.ScalarType.Float32, model.Config.TiedHead);
        using var source = LoraAdapter.Create(narrow, options, 1);
        LoraProblem.Fill(source);
        var adapter = LoraAdapter.Create(model, options, 1);
        Copy(source.Parameters.Where(p => p.Name.Contains("lora_", StringComparison.Ordinal)), adapter.Parameters.Where(p => p.Name.Contains("lora_", StringComparison.Ordinal)));
        return adapter;
    }

    private static void Copy(IEnumerable<(string Name, Tensor Value)> from, IEnumerable<(string Name, Tensor Value)> to)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        foreach (var (source, target) in from.Zip(to))
            target.Value.copy_(source.Value);
    }
}
