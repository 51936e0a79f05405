using Bft.Research.Checkpoints;
using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>A folder from which a run goes on as if it had never stopped: what is trained, moments of the optimiser, place in the plan, digests of model, rows and options.</summary>
/// <remarks>
/// <c>adapter/</c> is a PEFT folder (or <c>model/</c> the full weights in Hugging Face layout), <c>optimizer.safetensors</c> holds <c>NAME.mean</c>, <c>NAME.square</c> and, where the
/// weights have 16 bits, the float32 <c>NAME.master</c>; <c>rows.safetensors</c> a digest of every row; <c>checkpoint.json</c> the rest, with the SHA-256 of the other files.
/// No generator has state: row order follows from seed and epoch, dropout from seed, step, micro-batch and layer. The promise and the format: <c>docs/checkpoints.md</c>.
/// </remarks>
public sealed class TrainingCheckpoint
{
    /// <summary>Folder of the adapter in a checkpoint, and in a run.</summary>
    internal const string AdapterFolder = "adapter";

    /// <summary>Folder of full weights in a checkpoint, and in a run.</summary>
    internal const string ModelFolder = "model";

    private const string OptimizerFile = "optimizer.safetensors";
    private const string RowsFile = "rows.safetensors";
    private const string RowsName = "rows";

    private TrainingCheckpoint(string folder, CheckpointRecord record)
    {
        Folder = folder;
        Record = record;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Steps behind.</summary>
    public int Step => Record.State.Steps;

    /// <summary>Steps of the plan.</summary>
    public int PlannedSteps => Record.Digest.PlannedSteps;

    /// <summary>Last number of steps after which everything due had been measured; −1 when nothing had.</summary>
    public int Settled => Record.State.Settled;

    /// <summary>Everything that is no tensor.</summary>
    internal CheckpointRecord Record { get; }

    /// <summary>Opens a checkpoint; its tensors are looked at when a run is resumed from it.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CheckpointException">There is none, or its record is not what it has to be.</exception>
    public static TrainingCheckpoint Open(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new(folder, CheckpointRecord.Read(folder));
    }

    /// <summary>Fills a folder.</summary>
    /// <param name="folder">Empty; appears under its name when this has returned.</param>
    /// <param name="trainer">Whose tensors are written.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="basis">What the run depends on.</param>
    /// <param name="task">Plan and name of the base model.</param>
    internal static void Write(string folder, Trainer trainer, TrainingState state, RunBasis basis, TrainingTask task)
    {
        using var scope = torch.NewDisposeScope();
        if (trainer.Adapter is { } adapter)
            adapter.Save(Path.Combine(folder, AdapterFolder), task.BaseModel);
        else
            trainer.Model.Save(Path.Combine(folder, ModelFolder));
        SafetensorsWriter.Write(Path.Combine(folder, OptimizerFile), [.. trainer.Optimizer.State()]);
        SafetensorsWriter.Write(Path.Combine(folder, RowsFile), [(RowsName, torch.tensor(basis.Rows, [basis.Rows.Length]))]);
        new CheckpointRecord
        {
            Format = CheckpointRecord.CurrentFormat,
            State = state,
            OptimizerSteps = trainer.Optimizer.Steps,
            Digest = basis.Digest,
            LastRows = LastRows(state, task),
            Surroundings = Surroundings(trainer.Model),
            Files = new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder, f), ContentDigest.OfFile), StringComparer.Ordinal),
        }.Write(folder);
    }

    /// <summary>Puts a trainer where this checkpoint was written.</summary>
    /// <param name="trainer">A trainer that has taken no step.</param>
    /// <param name="basis">What its run depends on.</param>
    /// <param name="task">Its run.</param>
    /// <returns>Where it stands now.</returns>
    /// <exception cref="ResumeRefusedException">Model, rows or options are others; nothing was changed.</exception>
    /// <exception cref="CheckpointException">A file is damaged; nothing was changed.</exception>
    internal TrainingState Restore(Trainer trainer, RunBasis basis, TrainingTask task)
    {
        RequireSame(basis, task);
        RequireWhole();
        foreach (var difference in Surroundings(trainer.Model).Where(now => Record.Surroundings.GetValueOrDefault(now.Key) != now.Value))
            task.Notes?.Report($"{difference.Key} was {Record.Surroundings.GetValueOrDefault(difference.Key) ?? "not recorded"}, is {difference.Value}: numbers may differ in their last bits");
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using (var optimizer = SafetensorsFile.Open(Path.Combine(Folder, OptimizerFile)))
            trainer.Optimizer.Restore(Record.OptimizerSteps, (name, value) => Put(optimizer, name, value));
        if (trainer.Adapter is { } adapter)
            RestoreAdapter(adapter);
        else
            RestoreModel(trainer);
        return Record.State;
    }

    private void RestoreAdapter(LoraAdapter adapter)
    {
        using var file = SafetensorsFile.Open(Path.Combine(Folder, AdapterFolder, LoraFolder.WeightsName));
        foreach (var (name, value) in adapter.Parameters)
            Put(file, LoraFolder.Prefix + name, value, narrowed: true); // a folder that was read is written in its own types where that loses nothing
    }

    /// <summary>Weights without a master are what the optimiser updates; those with one were rounded from it already.</summary>
    private void RestoreModel(Trainer trainer)
    {
        using var weights = SafetensorsWeights.Open(Path.Combine(Folder, ModelFolder));
        foreach (var tensor in trainer.Tensors.Where(t => ReferenceEquals(t.Updated, t.Value)))
            tensor.Value.copy_(weights.Load(tensor.Name, tensor.Value.dtype, torch.CPU));
    }

    /// <summary>Copies a stored tensor of the same shape and, unless it may have been narrowed, dtype.</summary>
    private static void Put(SafetensorsFile file, string name, Tensor target, bool narrowed = false)
    {
        using var scope = torch.NewDisposeScope();
        var stored = file.Load(name);
        if (!stored.shape.SequenceEqual(target.shape) || (stored.dtype != target.dtype && !narrowed))
            throw new CheckpointException(file.Path, name, $"[{string.Join(", ", target.shape)}] {target.dtype}", $"[{string.Join(", ", stored.shape)}] {stored.dtype}");
        target.copy_(stored);
    }

    private void RequireSame(RunBasis basis, TrainingTask task)
    {
        List<string> differences = [.. Record.Digest.Differences(basis.Digest, task.AllowRounding)];
        if (RowDifference(basis, task) is { } rows)
            differences.Add(rows);
        else if (differences.Count == 0 && Record.LastRows != LastRows(Record.State, task))
            differences.Add($"rows of step {Step}: expected those of the checkpoint, actual others: the order of rows changed");
        if (differences.Count > 0)
            throw new ResumeRefusedException(Folder, differences, Record.Digest.OnlyRounds(basis.Digest));
    }

    private string? RowDifference(RunBasis basis, TrainingTask task)
    {
        if (Record.Digest.Rows == basis.Digest.Rows)
            return null;
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(Path.Combine(Folder, RowsFile));
        long[] expected = file.Load(RowsName).data<long>().ToArray();
        var first = 0;
        while (first < expected.Length && first < basis.Rows.Length && expected[first] == basis.Rows[first])
            first++;
        var count = expected.Length == basis.Rows.Length ? "" : $"expected {expected.Length}, actual {basis.Rows.Length}; ";
        return first < basis.Rows.Length ? $"rows: {count}the first that differs is row {first + 1} ({task.Rows[first].Name})" : $"rows: {count}those after row {first} are gone";
    }

    private void RequireWhole()
    {
        foreach (var (name, digest) in Record.Files)
        {
            var path = Path.Combine(Folder, name);
            if (!File.Exists(path))
                throw new CheckpointException(path, "file", "a file of the checkpoint", "nothing");
            var actual = ContentDigest.OfFile(path);
            if (actual != digest)
                throw new CheckpointException(path, "SHA-256", digest, actual);
        }
    }

    private static string? LastRows(TrainingState state, TrainingTask task) => state.Steps == 0 ? null : ContentDigest.OfRows(task.Plan[state.Steps - 1]);

    private static SortedDictionary<string, string> Surroundings(CausalLm model) => new(StringComparer.Ordinal)
    {
        ["device"] = model.Device.type.ToString(),
        ["libtorch"] = torch.__version__,
        ["threads"] = $"{torch.get_num_threads()}",
    };
}
