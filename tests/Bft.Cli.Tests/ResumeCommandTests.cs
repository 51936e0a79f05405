using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Training;
using Bft.Results;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Stopping <c>bft train</c> in every way, and going on: real processes, real signals, the mini model of this repository.</summary>
public sealed class ResumeCommandTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-resume-").FullName;
    private readonly string _data;

    public ResumeCommandTests()
    {
        _data = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllLines(_data, Enumerable.Range(1, 7).Select(i => $$"""{"instruction": "Which gene, number {{i}}?", "output": "TP53 and BRCA{{i % 2 + 1}} slow the growth of cells{{new string('.', i)}}"}"""));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(4)]
    [InlineData(4, "--full", "--dtype", "bfloat16")]
    [InlineData(4, "--epochs", "4", "packing=BestFit", "cutoff=64")]
    public void Killed_at_drawn_moments_also_amid_a_checkpoint_a_run_comes_out_the_same(int kills, params string[] more)
    {
        var verification = new ResumeVerification(Options(more), Path.Combine(_folder, "work")) { Steps = 8, Kills = kills, Seed = 11 };
        var certificate = verification.Run(TestContext.Current.CancellationToken);
        Assert.True(certificate.Holds, certificate.ToString());
        Assert.Equal(kills, certificate.KilledAfterSteps.Count);
        Assert.Equal(8, certificate.Steps);
        Assert.True(certificate.Tensors > 3 * 10, $"{certificate.Tensors}");
        Assert.Equal(more.Contains("packing=BestFit") ? "bestFit" : "none", certificate.Options["rows.packing"]);
        Assert.False(Directory.Exists(Path.Combine(_folder, "work")));
    }

    [Fact]
    public async Task The_comparison_sees_a_forgotten_moment_a_shifted_place_and_a_lost_report()
    {
        string straight = Path.Combine(_folder, "straight"), broken = Path.Combine(_folder, "broken");
        Assert.Equal(0, (await Train(straight)).Code);
        Assert.Equal(0, (await Train(broken, "--stop-after", "3")).Code);
        Copy(broken, Path.Combine(_folder, "good"));
        Copy(broken, Path.Combine(_folder, "report"));
        Spoil(Newest(broken));
        Assert.Equal(0, (await Resume(broken)).Code);
        Assert.Contains(RunComparison.Of(straight, broken).Differences, d => d.Contains("values differ", StringComparison.Ordinal));

        Assert.Equal(0, (await Resume(Path.Combine(_folder, "good"))).Code);
        var same = RunComparison.Of(straight, Path.Combine(_folder, "good"));
        Assert.Empty(same.Differences);
        Assert.Equal(7, same.LogLines); // six steps and the last measurement
        foreach (var file in Directory.EnumerateFiles(Path.Combine(straight, "adapter")))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder, "good", "adapter", Path.GetFileName(file))));

        var log = Path.Combine(_folder, "good", "log.jsonl");
        File.WriteAllLines(log, File.ReadAllLines(log).Where(line => !line.StartsWith("{\"kind\":\"step\",\"step\":4,", StringComparison.Ordinal)));
        Assert.Contains("log: expected 7 reports, actual 6", RunComparison.Of(straight, Path.Combine(_folder, "good")).Differences);
        Assert.Contains(RunComparison.Of(straight, Path.Combine(_folder, "report")).Differences, d => d.StartsWith("state: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_a_run_with_a_checkpoint_and_the_words_to_go_on(string signal)
    {
        string straight = Path.Combine(_folder, "straight"), run = Path.Combine(_folder, "run");
        // 'env' gives the signals back their meaning: whoever runs these tests in the background has SIGINT ignored, and children inherit that
        string[] command = ["--default-signal=INT,TERM", "dotnet", Path.Combine(AppContext.BaseDirectory, "bft.dll"), "train", .. Options(), "--max-steps", "400", "--output", run];
        var start = new ProcessStartInfo("env", command) { RedirectStandardError = true };
        using (var process = Process.Start(start)!)
        {
            var error = process.StandardError.ReadToEndAsync();
            var log = Path.Combine(run, "log.jsonl");
            while (!process.HasExited && (!File.Exists(log) || !HasStep(log)))
                Thread.Sleep(5);
            using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
                kill.WaitForExit();
            process.WaitForExit();
            Assert.Equal(Verb.Cancelled, process.ExitCode);
            Assert.Contains($"go on with: bft train --resume {run}", await error);
        }

        var step = TrainingCheckpoint.Open(Newest(run)).Step;
        Assert.Equal(step, TrainingLog.Read(Path.Combine(run, "log.jsonl")).Steps[^1].Step);
        Assert.Equal(0, (await Resume(run, "--stop-after", $"{step + 2}")).Code);
        Assert.Equal(0, (await Train(straight, "--max-steps", "400", "--stop-after", $"{step + 2}")).Code);
        Assert.Empty(RunComparison.Of(straight, run).Differences);
    }

    private static bool HasStep(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Contains("\"kind\":\"step\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resumption_that_is_not_the_same_run_is_refused_and_changes_nothing()
    {
        var run = Path.Combine(_folder, "run");
        Assert.Equal(0, (await Train(run, "--stop-after", "3")).Code);
        var before = ContentIdentity.Of("log", Path.Combine(run, "log.jsonl"));
        (await Resume(run, "--lr", "1e-3", "--seed", "9")).IsOneClearError("option learningRate: expected 0.01, actual 0.001", "option seed: expected 42, actual 9");
        var rows = File.ReadAllLines(_data);
        File.WriteAllLines(_data, rows.Select((row, i) => i == 4 ? row.Replace("slow", "stop", StringComparison.Ordinal) : row));
        (await Resume(run)).IsOneClearError("the first that differs is row 5", "rows.jsonl:5");
        File.WriteAllLines(_data, rows);
        (await Resume(Path.Combine(_folder, "nowhere"))).IsOneClearError("options.json");
        using (CheckpointFolder.Resume(run))
            (await Resume(run)).IsOneClearError("another process trains in this folder");
        Assert.Equal(before, ContentIdentity.Of("log", Path.Combine(run, "log.jsonl")));
        Assert.Equal(0, (await Resume(run)).Code);
        Assert.Equal(0, (await Resume(run)).Code); // a run that is done stays as it is
        Assert.Equal(6, TrainingLog.Read(Path.Combine(run, "log.jsonl")).Steps.Count);
    }

    [Fact]
    public async Task A_run_that_ran_out_of_memory_goes_on_in_smaller_micro_batches_when_told_to_and_differs_in_nothing_else()
    {
        string straight = Path.Combine(_folder, "straight"), run = Path.Combine(_folder, "run");
        string[] larger = ["--batch", "2", "lora.dropout=0"], smaller = ["--batch", "1", "--accumulation", "4"];
        Assert.Equal(0, (await Train(straight, larger)).Code);
        Assert.Equal(0, (await Train(run, [.. larger, "--stop-after", "3"])).Code);
        (await Resume(run, smaller)).IsOneClearError("option accumulation: expected 2, actual 4", "option rowsPerMicroBatch: expected 2, actual 1", "(--allow-rounding)");

        async Task Refused(string difference, params string[] more)
        {
            var outcome = await Resume(run, ["--allow-rounding", .. smaller, .. more]);
            outcome.IsOneClearError(difference);
            Assert.DoesNotContain("--allow-rounding", outcome.Error, StringComparison.Ordinal); // it would not help
        }

        await Refused("option learningRate: expected 0.01, actual 0.001", "--lr", "1e-3");
        await Refused("option lora.dropout: expected 0, actual 0.5", "lora.dropout=0.5");
        await Refused("micro-batches: expected 2 of 2, actual 3 of 1, which are other steps: they hold another number of rows", "accumulation=3");
        var rows = File.ReadAllLines(_data);
        File.WriteAllLines(_data, [.. rows.Skip(1), rows[0]]);
        await Refused("the first that differs is row 1");
        File.WriteAllLines(_data, rows);

        Assert.Equal(0, (await Resume(run, ["--allow-rounding", "gradientCheckpointing=true", .. smaller])).Code);
        List<StepReport> expected = [.. TrainingLog.Read(Path.Combine(straight, "log.jsonl")).Steps], actual = [.. TrainingLog.Read(Path.Combine(run, "log.jsonl")).Steps];
        Assert.Equal(6, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4));
        Assert.Equal(expected.Select(step => step.SupervisedTokens), actual.Select(step => step.SupervisedTokens));
        Assert.Equal(Verb.Failure, Verb.Judge(new TrainingStoppedException(3, StopCause.OutOfMemory, "out of memory", [])).Code);
        Assert.Contains($"bft train --resume {run} --allow-rounding and a smaller", Verb.Judge(new TrainingStoppedException(3, StopCause.OutOfMemory, "out of memory", []) { Checkpoint = Newest(run) }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_written_for_the_user_and_does_not_stand_in_the_way()
    {
        var run = Path.Combine(_folder, "run");
        (await CommandLine.RunAsync(["train", .. Options(), "--output", run, "--verify-resume", "--kills", "0"])).IsOneClearError("--kills: expected a whole number above 0");
        Assert.Equal(0, (await CommandLine.RunAsync(["train", .. Options(), "--output", run, "--verify-resume", "--verify-steps", "3"])).Code);
        var certificate = JsonNode.Parse(File.ReadAllText(Path.Combine(run, ResumeCertificate.FileName)))!;
        Assert.True((bool)certificate["holds"]!);
        Assert.Equal(3, (int)certificate["steps"]!);
        Assert.Equal("0.01", (string)certificate["options"]!["learningRate"]!);
        Assert.Equal(0, (await Train(run)).Code);
    }

    private string[] Options(params string[] more) =>
    [
        "--model", s_model, .. more.Contains("--dtype") ? [] : new[] { "--dtype", "float32" }, "--data", _data, "--held-out", _data, "--plain", "--threads", "1",
        .. more.Contains("--full") ? [] : new[] { "--lora-r", "4", "--lora-dropout", "0.1" }, "--lr", "0.01", "--accumulation", "2", .. more,
    ];

    private Task<Outcome> Train(string output, params string[] more) =>
        CommandLine.RunAsync(["train", .. Options(), .. more.Contains("--max-steps") ? [] : new[] { "--max-steps", "6" }, "--output", output, .. more]);

    private static Task<Outcome> Resume(string run, params string[] more) => CommandLine.RunAsync(["train", "--resume", run, .. more]);

    private static string Newest(string run) => Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last();

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Makes a checkpoint as one that had forgotten the second moments would be.</summary>
    private static void Spoil(string checkpoint)
    {
        string path = Path.Combine(checkpoint, "optimizer.safetensors"), record = Path.Combine(checkpoint, "checkpoint.json"), before = ContentIdentity.Of("x", path).Sha256;
        List<(string, TorchSharp.torch.Tensor)> tensors = [];
        using (var file = SafetensorsFile.Open(path))
            tensors.AddRange(file.Names.Select(name => (name, file.Load(name))));
        foreach (var (name, tensor) in tensors)
            if (name.EndsWith(".square", StringComparison.Ordinal))
                tensor.zero_();
        SafetensorsWriter.Write(path, tensors);
        tensors.ForEach(tensor => tensor.Item2.Dispose());
        File.WriteAllText(record, File.ReadAllText(record).Replace(before, ContentIdentity.Of("x", path).Sha256, StringComparison.Ordinal));
    }
}
