using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Training;

/// <summary>A run of the tiny model with checkpoints in a folder of its own; every start is a fresh model and trainer, as in a fresh process.</summary>
internal sealed class TinyRun(TrainerOptions options, torch.ScalarType dtype) : IDisposable
{
    public const string OptimizerFile = "optimizer.safetensors";

    private readonly ScratchFolder _folder = new();

    public string Folder => _folder.Path;

    public List<StepReport> Steps { get; } = [];

    public List<EvaluationReport> Evaluations { get; } = [];

    public List<SkippedStep> Skips { get; } = [];

    public List<string> Notes { get; } = [];

    /// <summary>Called with the number of micro-batches seen since the start, after each.</summary>
    public Action<Trainer, int>? Observe { get; set; }

    /// <summary>Changes of the task.</summary>
    public Func<TrainingTask, TrainingTask> Change { get; set; } = task => task;

    /// <summary>The rows as examples; their names are those of the batches.</summary>
    public static IReadOnlyList<TokenizedExample> Examples { get; } =
    [
        .. Rows.Select((row, number) => new TokenizedExample
        {
            Ids = [.. row.Select(id => (int)id)],
            Labels = [.. row.Select((id, t) => t < 2 ? NextToken.Ignored : id)],
            Name = $"rows.jsonl:{number + 1}",
        }),
    ];

    /// <summary>The steps of a run: rows by number, or packed as the options say.</summary>
    public static BatchPlan PlanOf(TrainerOptions options) =>
        options.Rows.Packing == RowPacking.None ? BatchPlan.Over(Rows.Count, numbers => Batch(numbers), options) : BatchPlan.Over(new RowSet(Examples, 0), options);

    public TrainingEnd Start(CancellationToken cancellationToken = default, CausalLm? model = null) => Go(CheckpointFolder.Create(Folder), options, cancellationToken, model);

    public TrainingEnd Resume(TrainerOptions? other = null, CausalLm? model = null, string? at = null) => Go(CheckpointFolder.Resume(at ?? Folder), other ?? options, default, model);

    /// <summary>Resumes when the newest checkpoint had been written otherwise.</summary>
    /// <param name="change">Changes tensors of the optimiser.</param>
    /// <param name="edit">Changes the record.</param>
    public void ResumeChanged(Action<string, Tensor> change, Func<CheckpointRecord, CheckpointRecord>? edit = null)
    {
        var path = Path.Combine(Newest, OptimizerFile);
        using (torch.NewDisposeScope())
        {
            List<(string, Tensor)> tensors = [];
            using (var file = SafetensorsFile.Open(path))
                tensors.AddRange(file.Names.Select(name => (name, file.Load(name))));
            tensors.ForEach(tensor => change(tensor.Item1, tensor.Item2));
            SafetensorsWriter.Write(path, tensors);
        }

        var record = CheckpointRecord.Read(Newest);
        record.Files[OptimizerFile] = ContentDigest.OfFile(path);
        (edit?.Invoke(record) ?? record).Write(Newest);
        Resume();
    }

    /// <summary>Folder of the newest checkpoint.</summary>
    public string Newest => Checkpoints[^1];

    /// <summary>Folder of the one before.</summary>
    public string Earlier => Checkpoints[^2];

    /// <summary>Folders of all checkpoints.</summary>
    public IReadOnlyList<string> Checkpoints => [.. Directory.GetDirectories(Path.Combine(Folder, "checkpoints")).Order(StringComparer.Ordinal)];

    /// <summary>Starts and cancels after some micro-batches.</summary>
    public TrainingCancelledException Cancelled(int microBatches)
    {
        using var source = new CancellationTokenSource();
        Observe = (_, seen) =>
        {
            if (seen == microBatches)
                source.Cancel();
        };
        if (microBatches == 0)
            source.Cancel();
        var cancelled = Assert.Throws<TrainingCancelledException>(() => Start(source.Token));
        Observe = null;
        return cancelled;
    }

    /// <summary>Bytes of all tensors of the newest checkpoint.</summary>
    public Dictionary<string, byte[]> Bytes() =>
        Directory.EnumerateFiles(Newest, "*.safetensors", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(Newest, f), File.ReadAllBytes);

    public void Dispose() => _folder.Dispose();

    private TrainingEnd Go(CheckpointFolder checkpoints, TrainerOptions trained, CancellationToken cancellationToken, CausalLm? other = null)
    {
        using var held = checkpoints;
        using var model = other ?? Create(dtype);
        using var trainer = new Trainer(model, trained);
        using var adapter = trainer.Adapter;
        var seen = 0;
        trainer.Observe = (_, _) => Observe?.Invoke(trainer, ++seen);
        var task = Change(new()
        {
            Plan = PlanOf(trained),
            Rows = Examples,
            HeldOut = MicroBatches(3),
            Checkpoints = checkpoints,
            Steps = new Listener<StepReport>(Steps),
            Evaluations = new Listener<EvaluationReport>(Evaluations),
            Skips = new Listener<SkippedStep>(Skips),
            Notes = new Listener<string>(Notes),
        });
        return trainer.Run(task, cancellationToken);
    }

    private sealed class Listener<T>(List<T> list) : IProgress<T>
    {
        public void Report(T value) => list.Add(value);
    }
}
