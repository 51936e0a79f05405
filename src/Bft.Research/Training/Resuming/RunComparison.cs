using Bft.Research.Checkpoints;

namespace Bft.Research.Training;

/// <summary>Compares where two runs stand, byte by byte, and what their logs say about every step.</summary>
/// <param name="Step">Steps behind of both.</param>
/// <param name="Tensors">Tensors compared: what is trained, moments, masters.</param>
/// <param name="Values">Their values.</param>
/// <param name="LogLines">Reports compared.</param>
/// <param name="Differences">What differs, in words; empty when nothing does.</param>
public sealed record RunComparison(int Step, int Tensors, long Values, int LogLines, IReadOnlyList<string> Differences)
{
    private const int MostDifferences = 8;

    /// <summary>Compares the newest checkpoints and the logs of two runs of the same options, rows and model.</summary>
    /// <param name="expected">Folder of one run.</param>
    /// <param name="actual">Folder of the other.</param>
    /// <exception cref="CheckpointException">A run has no checkpoint, or a damaged one.</exception>
    /// <exception cref="InvalidDataException">A log is broken.</exception>
    public static RunComparison Of(string expected, string actual)
    {
        TrainingCheckpoint one = Newest(expected), other = Newest(actual);
        List<string> differences = [.. one.Record.Digest.Differences(other.Record.Digest)];
        if (one.Record.State != other.Record.State || one.Record.OptimizerSteps != other.Record.OptimizerSteps)
            differences.Add($"state: expected {one.Record.State} and {one.Record.OptimizerSteps} updates, actual {other.Record.State} and {other.Record.OptimizerSteps}");
        var tensors = 0;
        var values = 0L;
        foreach (var name in one.Record.Files.Keys.Union(other.Record.Files.Keys, StringComparer.Ordinal).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)))
            Compare(Path.Combine(one.Folder, name), Path.Combine(other.Folder, name), differences, ref tensors, ref values);
        var lines = CompareLogs(expected, actual, differences);
        return new(one.Step, tensors, values, lines, [.. differences.Take(MostDifferences)]);
    }

    private static TrainingCheckpoint Newest(string run)
    {
        using var folder = CheckpointFolder.Resume(run);
        return folder.Start ?? throw new CheckpointException(folder.Folder, "checkpoint", "at least one", "none");
    }

    private static void Compare(string expected, string actual, List<string> differences, ref int tensors, ref long values)
    {
        if (!File.Exists(expected) || !File.Exists(actual))
        {
            differences.Add($"{Path.GetFileName(expected)}: in one run only");
            return;
        }

        using SafetensorsFile one = SafetensorsFile.Open(expected), other = SafetensorsFile.Open(actual);
        foreach (var name in one.Names.Union(other.Names, StringComparer.Ordinal))
        {
            if (!one.Entries.ContainsKey(name) || !other.Entries.ContainsKey(name))
            {
                differences.Add($"{name}: in one run only");
                continue;
            }

            using var scope = torch.NewDisposeScope();
            Tensor a = one.Load(name), b = other.Load(name);
            tensors++;
            values += a.numel();
            if (a.dtype != b.dtype || !a.shape.SequenceEqual(b.shape) || !a.bytes.SequenceEqual(b.bytes))
                differences.Add($"{name}: {Distance(a, b)}");
        }
    }

    private static string Distance(Tensor a, Tensor b)
    {
        if (a.dtype != b.dtype || !a.shape.SequenceEqual(b.shape))
            return $"expected [{string.Join(", ", a.shape)}] {a.dtype}, actual [{string.Join(", ", b.shape)}] {b.dtype}";
        var apart = (a.to(torch.ScalarType.Float64) - b.to(torch.ScalarType.Float64)).abs();
        return FormattableString.Invariant($"{apart.ne(0).sum().ToInt64()} of {a.numel()} values differ, by up to {apart.max().ToDouble():G3}");
    }

    private static int CompareLogs(string expected, string actual, List<string> differences)
    {
        TrainingHistory one = TrainingLog.Read(Log(expected)), other = TrainingLog.Read(Log(actual));
        List<string> a = [.. Lines(one)], b = [.. Lines(other)];
        differences.AddRange(a.Zip(b).Where(pair => pair.First != pair.Second).Take(1).Select(pair => $"log: expected '{pair.First}', actual '{pair.Second}'"));
        if (a.Count != b.Count)
            differences.Add($"log: expected {a.Count} reports, actual {b.Count}");
        return a.Count;

        static string Log(string run) => Path.Combine(run, TrainingLog.FileName);
    }

    /// <summary>What of the reports follows from the run alone, times and memory aside.</summary>
    private static IEnumerable<string> Lines(TrainingHistory history) =>
    [
        .. history.Steps.Select(s => FormattableString.Invariant(
            $"step {s.Step}: loss {s.Loss:R}, nll {s.MeanNll:R}, norm {s.GradientNorm:R}, rate {s.LearningRate:R}, {s.SupervisedTokens} of {s.RealTokens} tokens, {s.SkippedSteps} left out")),
        .. history.Evaluations.Select(e => e.ToString()),
    ];
}
