using System.Globalization;
using Bft.Research.Checkpoints;

namespace Bft.Research.Training;

/// <summary>The checkpoints of a run: <c>checkpoints/step-00000120</c> and so on in the folder of the run. Held by one process at a time.</summary>
/// <remarks>Each is written beside its place, flushed to disk and renamed, so that a crash leaves the old ones and at most a hidden leftover, which the next start removes.</remarks>
public sealed class CheckpointFolder : IDisposable
{
    /// <summary>Its name in the folder of a run.</summary>
    public const string Name = "checkpoints";

    private const string Prefix = "step-";
    private readonly FileStream _lock;

    private CheckpointFolder(string path, FileStream held, TrainingCheckpoint? start)
    {
        Folder = path;
        _lock = held;
        Start = start;
    }

    /// <summary>The folder that holds the checkpoints.</summary>
    public string Folder { get; }

    /// <summary>The checkpoint that a run goes on from; null for a new run.</summary>
    public TrainingCheckpoint? Start { get; }

    /// <summary>Folders of all checkpoints by number of steps.</summary>
    public IReadOnlyDictionary<int, string> All => List(Folder);

    /// <summary>Folder of the newest checkpoint, or null.</summary>
    public string? Newest => All is { Count: > 0 } all ? all[all.Keys.Max()] : null;

    /// <summary>Makes the folder for a new run.</summary>
    /// <param name="run">Folder of the run.</param>
    /// <exception cref="IOException">There are checkpoints already, or another process holds the folder.</exception>
    public static CheckpointFolder Create(string run)
    {
        var folder = Path.Combine(Path.GetFullPath(run), Name);
        if (List(folder).Count > 0)
            throw new IOException($"{folder}: expected no checkpoint of an earlier run, actual {List(folder).Count}: resume that run, or choose another folder.");
        return new(folder, Take(folder), null);
    }

    /// <summary>Opens the folder of a run to go on from its newest checkpoint, or from one of one's choice, whose successors are removed when the run begins.</summary>
    /// <param name="path">Folder of the run, or of a checkpoint in it. Of a run that has none yet, there is nothing to go on from and <see cref="Start"/> is null.</param>
    /// <exception cref="CheckpointException">There is no such folder, or the checkpoint is not what it has to be.</exception>
    /// <exception cref="IOException">Another process holds the folder.</exception>
    public static CheckpointFolder Resume(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var chosen = File.Exists(Path.Combine(path, CheckpointRecord.FileName));
        var folder = chosen ? Path.GetDirectoryName(path)! : Path.Combine(path, Name);
        if (!Directory.Exists(folder))
            throw new CheckpointException(folder, "folder", "the checkpoints of a run", "nothing");
        var held = Take(folder);
        try
        {
            var start = chosen ? path : List(folder) is { Count: > 0 } all ? all[all.Keys.Max()] : null;
            return new(folder, held, start is null ? null : TrainingCheckpoint.Open(start));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Folders of all checkpoints of a run by number of steps; the run may be going on.</summary>
    internal static SortedDictionary<int, string> ListOf(string run) => List(Path.Combine(Path.GetFullPath(run), Name));

    /// <summary>The folder of the run to which a checkpoint belongs, or the given one.</summary>
    /// <param name="path">Folder of a run, or of a checkpoint in it.</param>
    public static string RunOf(string path) =>
        File.Exists(Path.Combine(path, CheckpointRecord.FileName)) ? Path.GetDirectoryName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))))! : Path.GetFullPath(path);

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Folder of the checkpoint of a step, or null.</summary>
    /// <param name="step">Steps behind; null for none.</param>
    public string? Of(int? step) => step is { } number ? All.GetValueOrDefault(number) : null;

    /// <summary>Writes the checkpoint of a step and removes those that need not be kept. One of the same step has the same tensors; then only its record is written anew.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <param name="keep">How many of the last are kept; the best is kept beside them.</param>
    /// <param name="write">Fills a folder.</param>
    /// <returns>The folder, and whether it is new.</returns>
    internal (string Folder, bool New) Save(TrainingState state, int keep, Action<string> write)
    {
        var target = Path.Combine(Folder, Prefix + state.Steps.ToString("D8", CultureInfo.InvariantCulture));
        var isNew = !Directory.Exists(target);
        if (isNew)
            AtomicOutput.WriteFolder(target, write);
        else if (CheckpointRecord.Read(target) is var record && record.State != state)
            (record with { State = state }).Write(target);
        foreach (var (_, old) in All.OrderByDescending(each => each.Key).Skip(keep).Where(each => each.Key != state.BestStep))
            AtomicOutput.RemoveFolder(old);
        return (target, isNew);
    }

    /// <summary>Removes checkpoints of steps that a run which goes on from <see cref="Start"/> has still to take.</summary>
    internal void RemoveLater()
    {
        foreach (var (_, later) in All.Where(each => each.Key > Start?.Step))
            AtomicOutput.RemoveFolder(later);
    }

    private static SortedDictionary<int, string> List(string folder) => new(
        (Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, Prefix + "*") : [])
            .Where(each => int.TryParse(Path.GetFileName(each).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .ToDictionary(each => int.Parse(Path.GetFileName(each).AsSpan(Prefix.Length), CultureInfo.InvariantCulture)));

    /// <summary>Takes hold of the folder; the system lets go of it when the process ends, however it ends.</summary>
    private static FileStream Take(string folder)
    {
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder}: another process trains in this folder.", e);
        }

        AtomicOutput.RemoveLeftovers(folder);
        return held;
    }
}
