using Bft.Research.Data;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Objectives;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Research.Experiments;

/// <summary>The comparison of objectives (E2, E3) at the scale of a profile: every arm starts from the same weights and takes the same rows in the same order with the same optimiser.</summary>
public sealed class FineTuningExperiment : IDisposable
{
    private readonly int _padId;
    private readonly Tensor[]? _start; // full fine-tuning changes the model itself
    private readonly IReadOnlyDictionary<string, ProbeReading> _before;

    internal FineTuningExperiment(ExperimentProfile profile, CausalLm model, HfTokenizer tokenizer, FineTuningMaterial material, int? padId = null)
    {
        (Profile, Model, Tokenizer, Material) = (profile, model, tokenizer, material);
        _padId = padId ?? tokenizer.SpecialTokens.Pad?.Id ?? tokenizer.SpecialTokens.End?.Id ?? 0;
        using var noGrad = torch.no_grad();
        _start = Scale.LoraRank == 0 ? [.. model.Parameters.Select(parameter => parameter.Value.clone().DetachFromDisposeScope())] : null;
        _before = Read(ask: true, default);
        Before = Evaluate(0, _before);
    }

    /// <summary>The profile.</summary>
    public ExperimentProfile Profile { get; }

    /// <summary>What the model is on.</summary>
    public DeviceChoice Device { get; internal init; } = DeviceChoice.Pick("cpu");

    /// <summary>The model; between arms its weights are those it started with.</summary>
    public CausalLm Model { get; }

    /// <summary>Its tokenizer.</summary>
    public HfTokenizer Tokenizer { get; }

    /// <summary>What is taught and asked.</summary>
    public FineTuningMaterial Material { get; }

    /// <summary>The probes before training.</summary>
    public ProbeEvaluation Before { get; }

    private FineTuningScale Scale => Profile.FineTuning;

    /// <summary>Loads model and rows of a profile and measures the untrained model.</summary>
    /// <param name="profile">The scale.</param>
    /// <param name="folders">Where things are.</param>
    /// <param name="seed">Seed of generated rows.</param>
    /// <exception cref="InvalidDataException">Model or rows are not there; the message says what to do.</exception>
    public static FineTuningExperiment Open(ExperimentProfile profile, ExperimentFolders folders, ulong seed = 0)
    {
        var path = folders.Resolve(profile.Model);
        var words = profile.Tokenizer is null ? path : folders.Resolve(profile.Tokenizer);
        var tokenizer = HfTokenizer.Load(words);
        NativeLibraries.EnsureLoaded();
        if (profile.FineTuning.Threads is { } threads)
            torch.set_num_threads(threads);
        var material = FineTuningMaterial.Load(profile, folders, tokenizer, ChatTemplate.Load(words), seed);
        var device = DeviceChoice.Pick(profile.Device);
        return new(profile, CausalLm.Load(path, profile.FineTuningScalarType, device.Device), tokenizer, material) { Device = device };
    }

    /// <summary>Everything that defines an arm; two arms of one seed differ in the objective alone.</summary>
    /// <param name="objective">A name of <see cref="Objective.Names"/>.</param>
    /// <param name="seed">Seed of row order and fresh adapter.</param>
    public TrainerOptions Options(string objective, long seed) => new()
    {
        Objective = Objective.Named(objective) with { ConfidenceWindow = Scale.Window },
        Lora = Scale.LoraRank > 0 ? new() { Rank = Scale.LoraRank, Alpha = 2 * Scale.LoraRank } : null,
        LearningRate = Scale.LearningRate,
        MaxSteps = Scale.Steps,
        RowsPerMicroBatch = Scale.RowsPerMicroBatch,
        Accumulation = Scale.Accumulation,
        Rows = new() { Cutoff = Scale.Cutoff },
        EvaluateEvery = Scale.EvaluateEvery,
        Seed = seed,
    };

    /// <summary>Trains one arm from the start and measures it on the way; afterwards the model is at the start again.</summary>
    /// <param name="objective">A name of <see cref="Objective.Names"/>.</param>
    /// <param name="seed">Seed of row order and fresh adapter.</param>
    /// <param name="progress">Gets one report a step.</param>
    /// <param name="cancellationToken">Stops between micro-batches.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite.</exception>
    public FineTuningArm Train(string objective, long seed, IProgress<StepReport>? progress = null, CancellationToken cancellationToken = default)
    {
        var options = Options(objective, seed);
        var plan = BatchPlan.Over(new RowSet(Material.Training, _padId), options);
        var steps = new StepList(progress);
        List<string> rows = [];
        List<ProbeEvaluation> evaluations = [Before];
        try
        {
            using var trainer = new Trainer(Model, options);
            using var adapter = trainer.Adapter;
            trainer.Observe = (batch, _) => rows.AddRange(batch.SampleNames);
            void Measure() => evaluations.Add(Evaluate(trainer.Steps, Read(ask: trainer.Steps == plan.Steps, cancellationToken)));
            trainer.Run(new() { Plan = plan, Steps = steps, Evaluate = Measure }, cancellationToken);
        }
        finally
        {
            Restore();
        }

        return new(objective, seed, rows, steps.Reports, evaluations);
    }

    /// <summary>The supervised tokens of a row, and their log-probabilities (nats) before training.</summary>
    /// <param name="row">A row to train on.</param>
    public (string[] Pieces, double[] LogProbs) Look(TokenizedExample row)
    {
        var reading = ProbeReading.Of(Model, new("row", "", [row], []), _padId, ask: false);
        return ([.. row.Ids.Where((_, t) => t > 0 && row.Labels[t] != NextToken.Ignored).Select(id => Tokenizer.Decode([id]))], [.. reading.LogProbs(0)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        foreach (var tensor in _start ?? [])
            tensor.Dispose();
    }

    private Dictionary<string, ProbeReading> Read(bool ask, CancellationToken cancellationToken) =>
        Material.Probes.ToDictionary(set => set.Name, set => ProbeReading.Of(Model, set, _padId, ask, cancellationToken));

    private ProbeEvaluation Evaluate(int step, IReadOnlyDictionary<string, ProbeReading> readings) =>
        new(step, readings.ToDictionary(set => set.Key, set => set.Value.Rows(_before[set.Key], Scale.LowThreshold)));

    private void Restore()
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var (start, parameter) in (_start ?? []).Zip(Model.Parameters))
            parameter.Value.copy_(start);
    }

    /// <summary>Keeps the reports of an arm and passes them on, at once and on the trainer's thread.</summary>
    private sealed class StepList(IProgress<StepReport>? next) : IProgress<StepReport>
    {
        public List<StepReport> Reports { get; } = [];

        public void Report(StepReport value)
        {
            Reports.Add(value);
            next?.Report(value);
        }
    }
}
