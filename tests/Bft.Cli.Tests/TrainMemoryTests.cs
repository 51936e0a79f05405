using System.Globalization;
using System.Text.RegularExpressions;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;
using Bft.Tests;
using TorchSharp;

namespace Bft.Cli.Tests;

/// <summary>Memory plans against the peak of the process that trains, as its end report tells both. It takes longer than other classes: nine processes, eight of which train.</summary>
public sealed partial class TrainMemoryTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mini", 1, 20, "--dtype float32")]
    [InlineData("mini", 8, 60, "--dtype bfloat16 --full")]
    [InlineData("wide", 8, 90, "--dtype float32")]
    [InlineData("wide", 4, 90, "--dtype bfloat16 --full gradientCheckpointing=true")]
    [InlineData("wide", 1, 700, "--dtype bfloat16")]
    [InlineData("wide", 2, 90, "--dtype float64 --full")]
    public void The_plan_is_within_its_tolerance_of_the_measured_peak(string model, int rows, int words, string options) =>
        Compare(model == "mini" ? s_mini : Wide(), rows, words, options);

    [Theory]
    [InlineData(1, "--dtype bfloat16")]
    [InlineData(2, "--dtype float32 gradientCheckpointing=true")]
    public void So_it_is_for_the_real_model(int rows, string options) => Compare(SharedFolder.Require("data", "models", "smollm2-135m-instruct"), rows, 60, options);

    [Fact]
    public void A_plan_of_another_run_misses_by_more_than_it_may()
    {
        string[] run = Run(s_mini, 1, 20, "--dtype float32");
        var (_, measured) = Measure(run);
        var parts = Parts().Matches(CommandLine.Start(_folder.Path, [.. run, "--dry-run"]).Output).ToDictionary(part => part.Groups[1].Value, part => Number(part.Groups[2].Value));
        Assert.InRange(measured / parts["total"], 1 - MemoryPlan.Tolerance, 1 + MemoryPlan.Tolerance);
        Assert.True(measured / (parts["total"] - parts["process"]) > 1 + MemoryPlan.Tolerance, "what a process holds beside tensors is forgotten");
        var wide = Parts().Matches(CommandLine.Start(_folder.Path, [.. Run(Wide(), 8, 90, "--dtype float32"), "--dry-run"]).Output).Single(part => part.Groups[1].Value == "total");
        Assert.True(measured / Number(wide.Groups[2].Value) < 1 - MemoryPlan.Tolerance, "another model and micro-batch");
    }

    private void Compare(string model, int rows, int words, string options)
    {
        var (planned, measured) = Measure(Run(model, rows, words, options));
        Assert.InRange(measured / planned, 1 - MemoryPlan.Tolerance, 1 + MemoryPlan.Tolerance);
    }

    private string[] Run(string model, int rows, int words, string options)
    {
        File.WriteAllLines(_folder["rows.jsonl"], Enumerable.Range(1, 16).Select(i => $$"""{"instruction": "Which gene, number {{i}}?", "output": "{{string.Join(' ', Enumerable.Repeat("TP53", words))}}"}"""));
        return
        [
            "train", "--model", model, "--data", _folder["rows.jsonl"], "--output", _folder["run"], "--device", "cpu", "--threads", "1", "--batch", $"{rows}", "--accumulation", "1", "--max-steps", "2",
            "--cutoff", "4096", .. options.Split(' '),
        ];
    }

    private (double Planned, double Measured) Measure(string[] run)
    {
        var outcome = CommandLine.Start(_folder.Path, run);
        var match = Report().Match(outcome.Error);
        Assert.True(outcome.Code == Verb.Success && match.Success, outcome.Error);
        return (Number(match.Groups[1].Value), Number(match.Groups[2].Value));
    }

    /// <summary>A model of ten million parameters beside the tokenizer of the mini model.</summary>
    private string Wide()
    {
        foreach (var file in Directory.EnumerateFiles(s_mini, "tokenizer*"))
        {
            Directory.CreateDirectory(_folder["wide"]);
            File.Copy(file, Path.Combine(_folder["wide"], Path.GetFileName(file)));
        }

        using var model = CausalLm.Create(
            new()
            {
                Family = DecoderFamily.Llama,
                VocabularySize = 16_384,
                HiddenSize = 256,
                IntermediateSize = 1024,
                Layers = 6,
                Heads = 4,
                KeyValueHeads = 2,
                HeadDim = 64,
                MaxPositions = 4096,
                TiedHead = true,
            },
            1,
            torch.ScalarType.Float32);
        model.Save(_folder["saved"]);
        foreach (var file in Directory.EnumerateFiles(_folder["saved"]))
            File.Move(file, Path.Combine(_folder["wide"], Path.GetFileName(file)));
        return _folder["wide"];
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"peak memory: planned ([\d,]+) MB, measured ([\d,]+) MB", RegexOptions.CultureInvariant)]
    private static partial Regex Report();

    [GeneratedRegex(@"^  (\w+) +([\d,]+) MB", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Parts();
}
