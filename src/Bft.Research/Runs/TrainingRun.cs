using Bft.Research.Checkpoints;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>A training run from its options to its result: what <c>bft train</c> does and what a notebook cell does, in the same way, with the same losses.</summary>
/// <remarks>Everything that can be wrong with options, rows or model is found before the output folder is made; what was trained appears in it as a whole at the end.</remarks>
public sealed class TrainingRun : IDisposable
{
    private readonly TimeProvider _time;

    private TrainingRun(RunOptions options, RunRows rows, CausalLm model, LoraAdapter? adapter, Trainer trainer, TimeProvider time) =>
        (Options, Rows, Model, Adapter, Trainer, _time) = (options, rows, model, adapter ?? trainer.Adapter, trainer, time);

    /// <summary>What defines the run.</summary>
    public RunOptions Options { get; }

    /// <summary>Rows and plan.</summary>
    public RunRows Rows { get; }

    /// <summary>The model, with the adapter where one is trained.</summary>
    public CausalLm Model { get; }

    /// <summary>The adapter that is trained, or null.</summary>
    public LoraAdapter? Adapter { get; }

    /// <summary>The trainer.</summary>
    public Trainer Trainer { get; }

    /// <summary>What will be trained on how much, in one line.</summary>
    public string Announcement =>
        $"{Rows.Training.Examples.Count} rows, {Rows.Training.Tokens} tokens, {Rows.Training.Supervised} supervised; {Rows.Plan.Steps} steps; "
        + $"training {Trainer.Tensors.Sum(t => t.Value.numel())} of {Model.Config.ParameterCount} values{(Adapter is null ? "" : " as LoRA")}, {Model.Dtype} on {Model.Device}";

    /// <summary>Reads rows and model and gets ready to train; nothing is written.</summary>
    /// <param name="options">The run, for instance from <see cref="RunFile.Read"/>.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    /// <exception cref="ArgumentException">Options are wrong; all problems are named.</exception>
    /// <exception cref="InvalidDataException">A file is not there or not what it should be, or the output folder has content.</exception>
    public static TrainingRun Open(RunOptions options, TimeProvider? time = null)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Run options: {string.Join("; ", problems)}.", nameof(options));
        var output = Path.GetFullPath(options.Output);
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
            throw new InvalidDataException($"output {output}: expected nothing or an empty folder.");
        return Open(options, RunRows.Read(options), time);
    }

    /// <summary>Loads the model of a run whose rows are there already.</summary>
    /// <param name="options">The run.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    public static TrainingRun Open(RunOptions options, RunRows rows, TimeProvider? time = null)
    {
        NativeLibraries.EnsureLoaded();
        ThreadChoice.Pick(options.Threads).Apply();
        CausalLm? model = null;
        LoraAdapter? adapter = null;
        try
        {
            model = CausalLm.Load(options.Model, options.Dtype, DeviceChoice.Pick(options.Device).Device);
            adapter = options.Adapter is { } folder ? LoraAdapter.Load(model, folder) : null;
            return new(options, rows, model, adapter, new(model, options.Trainer, adapter, time), time ?? TimeProvider.System);
        }
        catch
        {
            adapter?.Dispose();
            model?.Dispose();
            throw;
        }
    }

    /// <summary>Trains, measures, logs and saves: <c>options.json</c>, <c>run.json</c>, <c>log.jsonl</c>, and <c>adapter/</c> or <c>model/</c>.</summary>
    /// <param name="progress">Gets one report a step; null for nobody.</param>
    /// <param name="evaluations">Gets one report an evaluation; null for nobody.</param>
    /// <param name="cancellationToken">Stops between micro-batches.</param>
    /// <returns>Path of what was trained: the adapter's or the model's folder.</returns>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, or a step has no supervised token.</exception>
    public string Run(IProgress<StepReport>? progress = null, IProgress<EvaluationReport>? evaluations = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        Directory.CreateDirectory(Options.Output);
        File.WriteAllText(Path.Combine(Options.Output, "options.json"), RunFile.Write(Options));
        RunRecord.Write(this, 0);
        using (var log = new TrainingLog(new StreamWriter(Path.Combine(Options.Output, "log.jsonl"))))
        {
            var both = new Reports(log, progress, evaluations);
            Trainer.Run(Rows.Plan, Rows.HeldOutBatches, both, both, cancellationToken);
        }

        var result = Save();
        RunRecord.Write(this, _time.GetElapsedTime(started).TotalSeconds);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Trainer.Dispose();
        Adapter?.Dispose();
        Model.Dispose();
    }

    private string Save()
    {
        var folder = Path.Combine(Options.Output, Adapter is null ? "model" : "adapter");
        if (Adapter is not null)
        {
            Trainer.Save(folder, Options.Model);
            return folder;
        }

        AtomicOutput.WriteFolder(folder, place =>
        {
            Trainer.Save(place);
            CompanionFiles.Copy(Options.Model, place);
        });
        return folder;
    }

    /// <summary>Sends reports to the log and to the caller.</summary>
    private sealed class Reports(TrainingLog log, IProgress<StepReport>? steps, IProgress<EvaluationReport>? evaluations) : IProgress<StepReport>, IProgress<EvaluationReport>
    {
        public void Report(StepReport value)
        {
            log.Report(value);
            steps?.Report(value);
        }

        public void Report(EvaluationReport value)
        {
            log.Report(value);
            evaluations?.Report(value);
        }
    }
}
