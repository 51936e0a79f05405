using System.Text.Json;
using System.Text.RegularExpressions;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;
using Bft.Tests;

namespace Bft.Research.Tests.Training;

/// <summary>The log of a run: what it writes, that nothing gets lost, and how it is read back.</summary>
public partial class TrainingLogTests
{
    private static StepReport Step(int step, long tokens = 10, double nll = 1) => new()
    {
        Step = step,
        TotalSteps = 7,
        Loss = nll / 2,
        MeanNll = nll,
        SupervisedTokens = tokens,
        RealTokens = 2 * tokens,
        PaddedTokens = 3 * tokens,
        GradientNorm = step,
        LargestGradientNorm = step,
        LearningRate = 0.1 * step,
        WeightMass = 0.5,
        Samples = 1,
        SequenceWeightMean = 0.25,
        SequenceWeights = new(0.25, 0.25, 0.25, 0.25, 0.25),
        SequenceWeightValues = [0.25],
        Seconds = 2,
        ModelFlops = 100,
        HardwareFlops = 120,
        PeakMemoryBytes = 1 << 20,
    };

    private static readonly DeviceReport s_device =
        new() { Step = 0, Device = "cpu", DeviceReason = "asked for", Hardware = "x", Dtype = "float32", Threads = 1, PeakSource = "not known", MemorySource = "y" };

    [Fact]
    public void Names_are_those_of_the_table()
    {
        var table = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "training-log.md")).Split("## ");
        foreach (var (section, report) in new (string, object)[] { ("`\"kind\": \"step\"`", Step(1)), ("`\"kind\": \"evaluation\"`", new EvaluationReport(1, 2, 3, 0.5, 0.5)), ("`\"kind\": \"skipped\"`", new SkippedStep(1, "", [], 1, 1)), ("`\"kind\": \"device\"`", s_device) })
        {
            var text = Assert.Single(table, part => part.StartsWith(section, StringComparison.Ordinal));
            var documented = Name().Matches(text).Select(m => m.Groups[1].Value).ToList();
            var writer = new StringWriter();
            using var log = new TrainingLog(writer);
            switch (report)
            {
                case StepReport step:
                    log.Report(step);
                    break;
                case EvaluationReport evaluation:
                    log.Report(evaluation);
                    break;
                case SkippedStep skipped:
                    log.Report(skipped);
                    break;
                default:
                    log.Report((DeviceReport)report);
                    break;
            }

            using var line = JsonDocument.Parse(writer.ToString());
            var written = line.RootElement.EnumerateObject().Select(p => p.Name).Where(name => name != "kind").ToList();
            Assert.Equal(documented.Order(), written.Order());
            Assert.NotEqual(documented.Order(), written.Append("renamed").Order());
        }
    }

    [Fact]
    public void An_interval_loses_nothing()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log.jsonl");
        StepReport[] steps = [.. Enumerable.Range(1, 7).Select(i => Step(i, 10 * i, i))];
        using (var log = new IntervalLog(3, new TrainingLog(new StreamWriter(path))))
            for (var i = 0; i < 7; i++)
            {
                log.Report(steps[i]);
                if (i == 3)
                    log.Report(new EvaluationReport(4, 5, 1, 0.5, 0.5));
            }

        var read = TrainingLog.Read(path);
        Assert.Equal([3, 4, 6, 7], read.Steps.Select(r => r.Step)); // multiples of three, before the evaluation, the last step
        Assert.Equal([3, 1, 2, 1], read.Steps.Select(r => r.Steps));
        Assert.Equal(280, read.Steps.Sum(r => r.SupervisedTokens)); // the wrong variant reports every third step alone: 30 + 60 + 70
        Assert.Equal(7, read.Steps.Sum(r => r.Steps));
        Assert.Equal(steps.Sum(r => r.MeanNll * r.SupervisedTokens), read.Steps.Sum(r => r.MeanNll * r.SupervisedTokens), 1e-9);
        Assert.Equal([4], read.Evaluations.Select(r => r.Step));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntervalLog(0));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log.jsonl");
        using (var log = new TrainingLog(new StreamWriter(path)))
        {
            log.Report(s_device);
            log.Report(Step(1) with { PeakFlopsPerSecond = 1000, GradientNorm = double.NaN });
            log.Report(new SkippedStep(2, "loss is NaN", ["rows.jsonl:1"], 1, 1));
            log.Report(new EvaluationReport(1, 5, 1.5, 0.25, 0.125));
        }

        var read = TrainingLog.Read(path);
        Assert.True(read.EndsInALine);
        Assert.Equal(s_device, read.Device);
        Assert.Equal("loss is NaN", Assert.Single(read.Skipped).What);
        var step = Assert.Single(read.Steps);
        Assert.Equal(double.NaN, step.GradientNorm);
        Assert.Equal(Step(1) with { PeakFlopsPerSecond = 1000, GradientNorm = double.NaN, SequenceWeightValues = step.SequenceWeightValues }, step);
        Assert.Equal((0.05, 0.06), (step.Mfu, step.Hfu));
        Assert.Equal(new EvaluationReport(1, 5, 1.5, 0.25, 0.125), Assert.Single(read.Evaluations));
        var curve = read.Curve("nll", "NLL (nats per token)", r => r.MeanNll);
        Assert.Equal((1.0, 1.0), (curve.X[0], curve.Y[0]));
        Assert.Equal(1.5, read.HeldOut("held out", "NLL (nats per token)", r => r.MeanNll).Y[0]);
        Assert.Equal(double.NaN, read.Curve("x", "X (1)", r => r.SecondsLeft).Y[0]);
    }

    [Fact]
    public void A_killed_run_that_went_on_reads_as_one_run()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log.jsonl");
        using (var log = new TrainingLog(new StreamWriter(path)))
            foreach (var step in new[] { 1, 2, 3, 2, 3, 4 })
                log.Report(Step(step, nll: 10 * step));
        Assert.Equal([1, 2, 3, 4], TrainingLog.Read(path).Steps.Select(r => r.Step));

        File.AppendAllText(path, "{\"kind\":\"step\",\"st");
        var cut = TrainingLog.Read(path);
        Assert.False(cut.EndsInALine);
        Assert.Equal(4, cut.Steps.Count);
    }

    [Theory]
    [InlineData("{\"kind\":\"step\",\"st", "log.jsonl:1: ")]
    [InlineData("{\"kind\":\"step\"}", "log.jsonl:1: $: ")]
    [InlineData("{\"kind\":\"evaluation\",\"step\":\"x\",\"tokens\":1,\"meanNll\":1,\"accuracy\":1,\"meanConfidence\":1}", "log.jsonl:1: $.step: ")]
    [InlineData("[]", "log.jsonl:1: expected a JSON object")]
    [InlineData("{\"step\":1}", "log.jsonl:1: kind: expected a name")]
    public void A_broken_line_is_named(string line, string message)
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log.jsonl");
        File.WriteAllText(path, line + "\n{}\n");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TrainingLog.Read(path)).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<InvalidDataException>(() => TrainingLog.Read(path + "x")).Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Name();
}
