using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Tests.Training;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Equivalence;

/// <summary>A run that was cancelled in its fourth step and resumed, against one straight through in float64: losses of all steps, and in the end the running means of the gradients.</summary>
internal static class ResumedClass
{
    private static readonly LoraOptions s_lora = new() { Rank = 2, Dropout = 0.2 };
    private static readonly Dictionary<(Setting, LoraOptions?), StepNumbers> s_straight = [];

    public static EquivalenceClass Instance { get; } = new(
        "resumption",
        [
            new("every weight trains", s => (Straight(s, null), Resumed(s, null))),
            new("LoRA with dropout", s => (Straight(s, s_lora), Resumed(s, s_lora))),
        ],
        [
            Wrong("the first moment is forgotten", ".mean"),
            Wrong("the second moment is forgotten", ".square"),
            new("the data goes on one step too far", s => (Straight(s, null), Resumed(s, null, edit: OneStepTooFar(Options(s, null))))),
        ]);

    private static WrongWay Wrong(string name, string end) => new(name, s => (Straight(s, null), Resumed(s, null, (tensor, value) =>
    {
        if (tensor.EndsWith(end, StringComparison.Ordinal))
            value.zero_();
    })));

    /// <summary>A stabiliser as large as the gradients: with the usual one Adam makes a whole step of a gradient that is nothing but rounding.</summary>
    private static TrainerOptions Options(Setting setting, LoraOptions? lora) => new()
    {
        Lora = lora,
        Objective = setting.Objective,
        LearningRate = 0.01,
        Accumulation = 3,
        Epochs = 2,
        WarmupSteps = 1,
        Optimizer = new() { Epsilon = 0.1 },
        Checkpoints = new() { Every = 2, Keep = 10 },
    };

    private static StepNumbers Straight(Setting setting, LoraOptions? lora)
    {
        lock (s_straight)
        {
            if (!s_straight.TryGetValue((setting, lora), out var numbers))
            {
                using var run = Run(setting, lora, torch.ScalarType.Float64);
                run.Start(model: setting.Model(wide: true));
                s_straight[(setting, lora)] = numbers = Numbers(run);
            }

            return numbers;
        }
    }

    private static StepNumbers Resumed(Setting setting, LoraOptions? lora, Action<string, Tensor>? change = null, Func<CheckpointRecord, CheckpointRecord>? edit = null)
    {
        using var run = Run(setting, lora, setting.Dtype);
        run.Cancelled(microBatches: 10);
        run.ResumeChanged(change ?? ((_, _) => { }), edit);
        return Numbers(run);
    }

    private static TinyRun Run(Setting setting, LoraOptions? lora, torch.ScalarType dtype)
    {
        var options = Options(setting, lora);
        return new(options, dtype) { Change = task => task with { Plan = Plan(options), Rows = Layouts.Samples, HeldOut = [] } };
    }

    private static BatchPlan Plan(TrainerOptions options) => BatchPlan.Over(new RowSet(Layouts.Samples, 0), options);

    private static StepNumbers Numbers(TinyRun run)
    {
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(Path.Combine(run.Newest, TinyRun.OptimizerFile));
        var means = file.Names.Where(name => name.EndsWith(".mean", StringComparison.Ordinal)).ToDictionary(name => name, name => Doubles(file.Load(name)));
        return new(run.Steps.ToDictionary(step => $"step {step.Step}", step => step.Loss), means);
    }

    private static Func<CheckpointRecord, CheckpointRecord> OneStepTooFar(TrainerOptions options) => record => record with
    {
        State = record.State with { Steps = record.State.Steps + 1 },
        LastRows = ContentDigest.OfRows(Plan(options)[record.State.Steps]),
    };
}
