using System.Text;
using Bft.Research.Checkpoints;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>A training run from its options to its result: what <c>bft train</c> does and what a notebook cell does, in the same way, with the same losses.</summary>
/// <remarks>Everything that can be wrong with options, rows or model is found before the output folder is made; what was trained appears in it as a whole at the end.</remarks>
public sealed class TrainingRun : IDisposable
{
    /// <summary>Name of the file with the options, in the folder of a run.</summary>
    public const string OptionsFile = "options.json";
    private readonly TimeProvider _time;
    private CheckpointFolder? _checkpoints;
    private MemoryPlan? _memory;
    private ModelFiles? _files;

    private TrainingRun(RunOptions options, RunRows rows, DeviceSetup setup, CausalLm model, LoraAdapter? adapter, Trainer trainer, TimeProvider time) =>
        (Options, Rows, Setup, Model, Adapter, Trainer, _time) = (options, rows, setup, model, adapter ?? trainer.Adapter, trainer, time);

    /// <summary>What defines the run; where a choice of dtype was left to the device, the one that was made.</summary>
    public RunOptions Options { get; }

    /// <summary>Rows and plan.</summary>
    public RunRows Rows { get; }

    /// <summary>Device, dtype and threads, with the reasons for them.</summary>
    public DeviceSetup Setup { get; }

    /// <summary>The model, with the adapter where one is trained.</summary>
    public CausalLm Model { get; }

    /// <summary>The adapter that is trained, or null.</summary>
    public LoraAdapter? Adapter { get; }

    /// <summary>The memory that the largest micro-batch of the first epoch will need; compare it with <see cref="PeakMemoryBytes"/>.</summary>
    public MemoryPlan Memory => _memory ??= RunMemory.Plan(Model.Config, Options.Trainer, Rows, MicroBatchSize.Largest(Rows.Plan), Setup);

    /// <summary>Largest memory of the process (of the card where the model is on one) so far, loading and checkpoints included, in bytes; 0 when it cannot be measured.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            Trainer.Memory.Read();
            return Trainer.Memory.PeakBytes;
        }
    }

    /// <summary>The trainer.</summary>
    public Trainer Trainer { get; }

    /// <summary>Path of what a completed run leaves: the adapter's or the model's folder.</summary>
    public string Result => RunResult.Folder(this);

    /// <summary>The model's files by content, read when they are asked for.</summary>
    internal ModelFiles Files => _files ??= ModelFiles.Of(Options.Model);

    /// <summary>As <see cref="TrainingTask.AllowRounding"/>.</summary>
    public bool AllowRounding { get; set; }

    /// <summary>Pauses after this many steps, as an interruption would; null goes on to the end.</summary>
    public int? StopAfter { get; set; }

    /// <summary>What will be trained on how much, in one line.</summary>
    public string Announcement =>
        $"{Rows.Training.Examples.Count} rows, {Rows.Training.Tokens} tokens, {Rows.Training.Supervised} supervised; {Rows.Plan.Steps} steps; "
        + $"training {Trainer.Tensors.Sum(t => t.Value.numel())} of {Model.Config.ParameterCount} values{(Adapter is null ? "" : " as LoRA")}";

    /// <summary>Reads rows and model and gets ready to train; nothing is written.</summary>
    /// <param name="options">The run, for instance from <see cref="RunFile.Read"/>.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    /// <param name="cublasWorkspace">As for <see cref="DeviceSetup.Apply"/>.</param>
    /// <exception cref="ArgumentException">Options are wrong; all problems are named.</exception>
    /// <exception cref="InvalidDataException">A file is not there or not what it should be, or the output folder has content.</exception>
    public static TrainingRun Open(RunOptions options, TimeProvider? time = null, string? cublasWorkspace = null)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Run options: {string.Join("; ", problems)}.", nameof(options));
        var output = Path.GetFullPath(options.Output);
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any(entry => Path.GetFileName(entry) != ResumeCertificate.FileName)))
            throw new InvalidDataException($"output {output}: expected nothing or an empty folder.");
        for (var parent = Path.GetDirectoryName(output); parent is not null; parent = Path.GetDirectoryName(parent))
            if (File.Exists(parent))
                throw new InvalidDataException($"output {output}: expected a folder, actual the file {parent} on the way.");
        return Open(options, RunRows.Read(options), time, cublasWorkspace);
    }

    /// <summary>Gets ready to go on with a run that was interrupted, from its newest checkpoint or a chosen one; from the start where there is none yet.</summary>
    /// <param name="path">Folder of the run, or of a checkpoint in it.</param>
    /// <param name="options">The run; null for the options that the run wrote. They may differ in checkpoints and places only, or <see cref="Run"/> refuses; their output does not count.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    /// <param name="cublasWorkspace">As for <see cref="DeviceSetup.Apply"/>.</param>
    /// <exception cref="InvalidDataException">There is no run, or a file is not what it should be.</exception>
    /// <exception cref="IOException">Another process trains in this folder.</exception>
    public static TrainingRun Resume(string path, RunOptions? options = null, TimeProvider? time = null, string? cublasWorkspace = null)
    {
        var folder = CheckpointFolder.RunOf(path);
        options ??= RunFile.Read(OptionsOf(path));
        var checkpoints = CheckpointFolder.Resume(path);
        try
        {
            options = options with { Output = folder };
            var run = Open(options, RunRows.Read(options), time, cublasWorkspace);
            run._checkpoints = checkpoints;
            return run;
        }
        catch
        {
            checkpoints.Dispose();
            throw;
        }
    }

    /// <summary>The file of options that a run wrote.</summary>
    /// <param name="path">Folder of the run, or of a checkpoint in it.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static string OptionsOf(string path)
    {
        var file = Path.Combine(CheckpointFolder.RunOf(path), OptionsFile);
        return File.Exists(file) ? file : throw new InvalidDataException($"{path}: expected the folder of a run with {OptionsFile}, actual none.");
    }

    /// <summary>Loads the model of a run whose rows are there already.</summary>
    /// <param name="options">The run.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="time">Clock of the reports; null for the system's.</param>
    /// <param name="cublasWorkspace">As for <see cref="DeviceSetup.Apply"/>.</param>
    public static TrainingRun Open(RunOptions options, RunRows rows, TimeProvider? time = null, string? cublasWorkspace = null)
    {
        if ((options.SaveBest || options.Trainer.Stopping.Patience is not null) && rows.HeldOut is null)
            throw new InvalidDataException($"{(options.SaveBest ? nameof(options.SaveBest) : "Stopping.Patience")}: expected held-out rows beside it, actual none.");
        NativeLibraries.EnsureLoaded();
        var setup = RunMemory.Choose(options, rows, cublasWorkspace);
        options = options with { Compute = options.Compute with { Dtype = setup.Precision.Dtype.ToString().ToLowerInvariant() } };
        CausalLm? model = null;
        LoraAdapter? adapter = null;
        try
        {
            model = CausalLm.Load(options.Model, setup.Precision.Dtype, setup.Device.Device);
            adapter = options.Adapter is { } folder ? LoraAdapter.Load(model, folder) : null;
            return new(options, rows, setup, model, adapter, new(model, options.Trainer, adapter, time), time ?? TimeProvider.System);
        }
        catch
        {
            adapter?.Dispose();
            model?.Dispose();
            throw;
        }
    }

    /// <summary>Trains, measures, logs and saves: <c>options.json</c>, <c>run.json</c>, <c>log.jsonl</c>, <c>checkpoints/</c>, and in the end <see cref="Result"/>.</summary>
    /// <param name="progress">Gets one report a step; null for nobody.</param>
    /// <param name="evaluations">Gets one report an evaluation; null for nobody.</param>
    /// <param name="notes">Gets a line for a checkpoint, a resumption, a step that is left out; null for nobody.</param>
    /// <param name="cancellationToken">Stops between micro-batches; the last full step is kept as a checkpoint.</param>
    /// <exception cref="TrainingStoppedException">A loss or gradient is not finite, a step has no supervised token, or memory did not suffice; names the last good checkpoint.</exception>
    /// <exception cref="TrainingCancelledException">Cancelled; names the checkpoint.</exception>
    /// <exception cref="ResumeRefusedException">Model, rows or options are not those of the checkpoint; nothing was changed.</exception>
    public TrainingEnd Run(
        IProgress<StepReport>? progress = null, IProgress<EvaluationReport>? evaluations = null, IProgress<string>? notes = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var checkpoints = _checkpoints ??= CheckpointFolder.Create(Options.Output);
        var task = new TrainingTask
        {
            Plan = Rows.Plan,
            Rows = Rows.Training.Examples,
            HeldOut = Rows.HeldOutBatches,
            General = Rows.GeneralBatches,
            Checkpoints = checkpoints,
            StopAfter = StopAfter,
            AllowRounding = AllowRounding,
            BaseModel = Options.Model,
            ModelDigest = Files.Weights,
            Notes = notes,
        };
        Trainer.Resume(task);
        var record = RunRecord.Of(this);
        Prepare();
        record.Write(0);
        TrainingEnd end;
        using (var log = Log(checkpoints.Start))
        {
            Trainer.Peak ??= Setup.Peak();
            GiveBack();
            log.Report(DeviceReport.Of(Trainer, Setup.Device));
            var reports = new RunReports(log, progress, evaluations, notes);
            end = Trainer.Run(task with { Steps = reports, Evaluations = reports, Skips = reports, Flush = log.Flush }, cancellationToken);
        }

        if (end.Reason != EndReason.Paused)
            RunResult.Write(this, end);
        record.Write(_time.GetElapsedTime(started).TotalSeconds);
        return end;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoints?.Dispose();
        Trainer.Dispose();
        Adapter?.Dispose();
        Model.Dispose();
    }

    /// <summary>Writes what a run has before its first step, and takes away what a step still to come will write again.</summary>
    private void Prepare()
    {
        AtomicOutput.RemoveLeftovers(Options.Output);
        if (_checkpoints!.Start is null)
            File.Delete(Path.Combine(Options.Output, TrainingLog.FileName)); // of a run that was killed before its first checkpoint
        if (Trainer.Steps < Rows.Plan.Steps)
            AtomicOutput.RemoveFolder(Result);
        AtomicOutput.WriteFile(Path.Combine(Options.Output, OptionsFile), stream => stream.Write(Encoding.UTF8.GetBytes(RunFile.Write(Options))));
    }

    /// <summary>Gives back what reading rows, tokenizer and model left behind: tens of megabytes that a long run would carry along.</summary>
    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private IRunLog Log(TrainingCheckpoint? start)
    {
        var lines = TrainingLog.Open(Path.Combine(Options.Output, TrainingLog.FileName), start);
        IRunLog[] events = Options.TensorBoard ? [new TensorBoardLog(Path.Combine(Options.Output, "tensorboard"), _time)] : [];
        return new IntervalLog(Options.LogEvery, [lines, .. events]);
    }
}
