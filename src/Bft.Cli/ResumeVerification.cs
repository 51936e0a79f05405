using System.Diagnostics;
using Bft.Research.Checkpoints;
using Bft.Research.Numerics;
using Bft.Research.Runs;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>Proves that a run can be killed: runs it straight through in a process of its own, then again with kills (SIGKILL) at moments drawn by a seed, and compares.</summary>
/// <param name="arguments">Arguments of <c>bft train</c> without output and the options of resuming.</param>
/// <param name="work">Folder for the runs; made, and removed when all went well.</param>
internal sealed class ResumeVerification(IReadOnlyList<string> arguments, string work)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);
    private readonly List<int> _killedAfter = [];
    private readonly List<RunComparison> _comparisons = [];
    private int _draws, _killedWhileWriting;

    /// <summary>Steps of each run; the plan of steps stays that of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>Kills in all; as many runs are made as they need.</summary>
    public int Kills { get; init; } = 1;

    /// <summary>Seed of the moments.</summary>
    public ulong Seed { get; init; }

    /// <summary>Called with the folder of a run between a kill and its resumption; a test spoils the checkpoint here.</summary>
    public Action<string>? Killed { get; init; }

    /// <summary>Gets a line for every run; null for nobody.</summary>
    public IProgress<string>? Notes { get; init; }

    private int Every => Math.Max(1, Steps / 4);

    /// <summary>Runs, kills, resumes, compares.</summary>
    /// <exception cref="InvalidDataException">A run that nobody killed failed; the message is its own.</exception>
    public ResumeCertificate Run(CancellationToken cancellationToken)
    {
        AtomicOutput.RemoveFolder(work);
        Directory.CreateDirectory(work);
        var straight = Path.Combine(work, "straight");
        var started = Stopwatch.GetTimestamp();
        using (var process = Start(straight, resume: false))
            process.Finish(cancellationToken);
        var length = Stopwatch.GetElapsedTime(started);
        Notes?.Report($"{Steps} steps straight through took {length.TotalSeconds:0.0} s");
        do
        {
            var broken = Path.Combine(work, $"killed-{_comparisons.Count}");
            Break(broken, length, cancellationToken);
            _comparisons.Add(RunComparison.Of(straight, broken));
            Notes?.Report($"run {_comparisons.Count}: {_killedAfter.Count} of {Kills} kills, {(_comparisons[^1].Differences.Count == 0 ? "the same" : $"DIFFERENT: {string.Join("; ", _comparisons[^1].Differences)}")}");
            if (_comparisons[^1].Differences.Count == 0)
                AtomicOutput.RemoveFolder(broken);
        }
        while (_killedAfter.Count < Kills);

        var certificate = ResumeCertificate.Of(straight, _comparisons, _killedAfter, _killedWhileWriting);
        if (certificate.Holds)
            AtomicOutput.RemoveFolder(work);
        return certificate;
    }

    /// <summary>One run: kills as long as there are some left and it is not done, then lets it end.</summary>
    private void Break(string run, TimeSpan length, CancellationToken cancellationToken)
    {
        var resume = false;
        while (true)
        {
            using var process = Start(run, resume);
            if (_killedAfter.Count >= Kills || !Kill(process, run, length, cancellationToken))
            {
                process.Finish(cancellationToken);
                return;
            }

            resume = File.Exists(Path.Combine(run, TrainingRun.OptionsFile)) && Directory.Exists(Path.Combine(run, CheckpointFolder.Name));
            if (!resume)
                AtomicOutput.RemoveFolder(run); // killed before there was anything to go on with
            else
                Killed?.Invoke(run);
        }
    }

    /// <summary>Kills a process at a moment of one of three kinds: some time after its start, some time after some step, some time after a checkpoint began to be written.</summary>
    /// <returns>False when it ended before.</returns>
    private bool Kill(ChildProcess process, string run, TimeSpan length, CancellationToken cancellationToken)
    {
        var kind = (int)(Draw() * 3);
        var log = Path.Combine(run, TrainingLog.FileName);
        var step = Lines(log) + 1 + (int)(Draw() * Every * 2);
        var moment = kind == 0 ? length * Draw() : TimeSpan.Zero;
        var after = kind == 0 ? TimeSpan.Zero : (kind == 1 ? length / Steps : TimeSpan.FromMilliseconds(20)) * Draw();
        var started = Stopwatch.GetTimestamp();
        while (process.Runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = kind switch
            {
                0 => Stopwatch.GetElapsedTime(started) >= moment,
                1 => Lines(log) >= step,
                _ => Writing(run),
            };
            if (!now)
            {
                Thread.Sleep(s_look);
                continue;
            }

            Thread.Sleep(after);
            if (!process.Kill())
                return false;
            _killedAfter.Add(Lines(log));
            _killedWhileWriting += Writing(run) ? 1 : 0;
            return true;
        }

        return false;
    }

    private static bool Writing(string run)
    {
        var checkpoints = Path.Combine(run, CheckpointFolder.Name);
        return Directory.Exists(checkpoints) && Directory.EnumerateDirectories(checkpoints, ".step-*.partial").Any();
    }

    private static int Lines(string log)
    {
        if (!File.Exists(log))
            return 0;
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var lines = 0;
        while (reader.ReadLine() is { } line)
            lines += line.StartsWith("{\"kind\":\"step\"", StringComparison.Ordinal) ? 1 : 0;
        return lines;
    }

    private double Draw() => SplitMix64.Unit(SplitMix64.At(Seed, (ulong)_draws++));

    private ChildProcess Start(string run, bool resume) =>
        ChildProcess.Start(["train", .. arguments, resume ? "--resume" : "--output", run, "--stop-after", $"{Steps}", "--checkpoint-every", $"{Every}"]);
}
