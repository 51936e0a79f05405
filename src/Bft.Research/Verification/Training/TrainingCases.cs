using System.Text.Json;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Training;

namespace Bft.Research.Verification.Training;

/// <summary>What the training kinds share: names of objectives, models with their adapters, lookups of other cases.</summary>
internal static class TrainingCases
{
    /// <summary>An objective by its name in case files.</summary>
    /// <param name="name"><c>sft</c>, <c>dft</c>, <c>bft-v1-code</c>, <c>bft-v1-paper</c>, <c>bft-v3</c>; the prefix may be absent.</param>
    /// <param name="window">Tokens in a window, or null where the case names none.</param>
    /// <param name="epsilon">Stabiliser.</param>
    /// <param name="reduction">Null for the objective's own.</param>
    /// <param name="unnamedWindow">The window where the case names none.</param>
    public static ObjectiveOptions Objective(
        string name, JsonElement? window, double epsilon = 1e-8, Reduction? reduction = null, int unnamedWindow = 256) => new()
        {
            Kind = name.Replace("bft-", "", StringComparison.Ordinal) switch
            {
                "sft" => ObjectiveKind.Sft,
                "dft" => ObjectiveKind.Dft,
                "v1-code" => ObjectiveKind.BftV1Code,
                "v1-paper" => ObjectiveKind.BftV1Paper,
                "v3" => ObjectiveKind.BftV3,
                _ => throw new InvalidDataException($"unknown objective '{name}'"),
            },
            ConfidenceWindow = window is { } w ? (int)w.Number() : unnamedWindow,
            Epsilon = epsilon,
            Reduction = reduction,
        };

    /// <summary>Runs with a trainer on the model and adapter that a case names; the model is loaded anew where all its parameters are trained.</summary>
    public static void WithTrainer(GoldenCase golden, VerificationContext context, TrainerOptions options, Action<Trainer> run)
    {
        using var scope = torch.NewDisposeScope();
        var path = context.Resolve(golden, golden.Input("model").Text());
        CausalLm Load() => CausalLm.Load(path, context.Dtype, context.Device);
        if (golden.OptionalInput("adapter") is not { } name)
        {
            using var model = Load();
            using var full = new Trainer(model, options with { Lora = null });
            run(full);
            return;
        }

        var frozen = context.Cached($"frozen {path} {context.Dtype}", Load);
        using var adapter = LoraAdapter.Load(frozen, context.Resolve(golden, name.Text()));
        using var trainer = new Trainer(frozen, options, adapter);
        run(trainer);
    }

    /// <summary>Another case of the same kind of file, by id.</summary>
    public static GoldenCase Other(GoldenCase golden, string file, string id) =>
        Verifier.Read(Path.Combine(Path.GetDirectoryName(golden.File)!, file)).SingleOrDefault(c => c.Id == id)
        ?? throw new InvalidDataException($"{golden.File}: case {golden.Id} refers to '{id}', which {file} does not have.");

    /// <summary>All values of a tensor as float64.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.detach().to(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }
}
