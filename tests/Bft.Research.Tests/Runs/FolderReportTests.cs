using System.Text.RegularExpressions;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;
using Bft.Tests;

namespace Bft.Research.Tests.Runs;

/// <summary>What is said of models, adapters, checkpoints and runs, and what is counted before a run, against what is there and what then happens.</summary>
public sealed partial class FolderReportTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public FolderReportTests() => File.WriteAllLines(
        _folder["rows.jsonl"], Enumerable.Range(1, 6).Select(i => $$"""{"instruction": "Which gene, number {{i}}?", "output": "TP53{{new string('.', 3 * i)}}"}"""));

    public void Dispose() => _folder.Dispose();

    private RunOptions Options => new()
    {
        Model = s_mini,
        Data = [new() { File = _folder["rows.jsonl"] }],
        HeldOutPart = 1,
        Output = _folder["run"],
        Compute = new() { Device = "cpu", Dtype = "float32", Threads = 1 },
        Trainer = new() { Lora = new() { Rank = 2, Alpha = 4 }, RowsPerMicroBatch = 2, Accumulation = 2, Epochs = 2, WarmupRatio = 0 },
    };

    [Fact]
    public void A_model_is_described_by_its_configuration_and_its_weights()
    {
        var report = FolderReport.Of(s_mini);
        var lines = report.Lines.ToDictionary(line => line.Name, line => line.Text);
        var config = CausalLmConfig.Read(s_mini);
        Assert.Equal("model", report.Kind);
        Assert.StartsWith($"Qwen2: {config.Layers} blocks, width {config.HiddenSize}", lines["architecture"], StringComparison.Ordinal);
        Assert.StartsWith(FolderReport.Count(config.ParameterCount), lines["parameters"], StringComparison.Ordinal);
        Assert.Equal(config.ParameterCount, Numbers(lines["parameters"]).Skip(1).Sum()); // embedding, blocks and head are all of it
        Assert.StartsWith($"BF16: {FolderReport.Count(config.ParameterCount)} values", lines["stored as"], StringComparison.Ordinal);
        Assert.Contains("its generation tags", lines["chat template"], StringComparison.Ordinal);
        Assert.Contains("<|im_end|> (3071)", lines["generation ends at"], StringComparison.Ordinal);
        Assert.DoesNotContain($"{FolderReport.Count(config.ParameterCount + 1)}", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_its_checkpoint_and_its_adapter_say_how_far_they_are_and_an_untrained_adapter_that_it_is()
    {
        using (var run = TrainingRun.Open(Options))
        {
            run.Trainer.Peak = new(null, "not asked for");
            run.StopAfter = 2;
            run.Run();
        }

        var paused = FolderReport.Of(_folder["run"]);
        Assert.Equal("run", paused.Kind);
        Assert.Contains(("result", "none yet"), paused.Lines);
        Assert.Contains(paused.Lines, line => line.Name == "resuming" && line.Text.StartsWith("goes on with step 3 of 4", StringComparison.Ordinal));
        using (var rest = TrainingRun.Resume(_folder["run"]))
            rest.Run();
        Assert.Contains(FolderReport.Of(_folder["run"]).Lines, line => line.Name == "resuming" && line.Text.StartsWith("nothing is left", StringComparison.Ordinal));
        Assert.Contains(FolderReport.Of(Path.Combine(_folder["run"], "checkpoints", "step-00000004")).Lines, line => line.Text.StartsWith("after step 4 of 4", StringComparison.Ordinal));
        Assert.Contains(FolderReport.Of(Path.Combine(_folder["run"], "adapter")).Lines, line => line is { Name: "adapter", Text: "LoRA: rank 2, α 4, dropout 0" });

        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        using var fresh = LoraAdapter.Create(model, new() { Rank = 2 }, 1);
        fresh.Save(_folder["fresh"]);
        Assert.Contains(("learnt", "nothing: B is zero in every layer"), FolderReport.Of(_folder["fresh"]).Lines);
        Assert.DoesNotContain(FolderReport.Of(Path.Combine(_folder["run"], "adapter")).Lines, line => line.Text.StartsWith("nothing", StringComparison.Ordinal)); // the wrong variant calls a trained one idle
    }

    [Fact]
    public void A_budget_is_what_the_run_then_takes()
    {
        using var run = TrainingRun.Open(Options);
        var budget = RunBudget.Of(Options, run.Rows, DeviceSetup.Apply(Options.Compute));
        run.Trainer.Peak = new(null, "not asked for");
        var steps = new List<StepReport>();
        run.Run(new Keep(steps));
        Assert.Equal((steps.Count, 5, 1), (budget.Steps, budget.Rows, budget.HeldOutRows));
        Assert.Equal(steps.Sum(step => step.RealTokens), budget.Tokens, 1e-9);
        Assert.Equal(steps.Sum(step => step.SupervisedTokens), budget.SupervisedTokens, 1e-9);
        Assert.Equal(run.Trainer.Tensors.Sum(tensor => tensor.Value.numel()), budget.TrainedValues);
        Assert.InRange(budget.Flops.Model / steps.Sum(step => step.ModelFlops), 0.95, 1.05); // attention is counted for the first epoch and scaled
        Assert.InRange(budget.PaddingShare, 0.01, 0.5);
        Assert.Contains("4, 2 an epoch", budget.ToText(), StringComparison.Ordinal);
        var twice = Options with { Trainer = Options.Trainer with { Epochs = 4 } };
        Assert.Equal(2 * budget.Tokens, RunBudget.Of(twice, RunRows.Read(twice), DeviceSetup.Apply(twice.Compute)).Tokens, 1e-9); // the wrong variant counts one epoch
    }

    [Fact]
    public void The_run_file_of_the_readme_is_read_and_its_names_are_options()
    {
        var readme = File.ReadAllText(Path.Combine(Checkout.Root, "README.md"));
        var block = YamlBlock().Matches(readme)[0].Groups[1].Value; // the others are of other verbs: UseModelTests
        var options = RunFile.Parse(block, "run.yaml");
        Assert.Equal((0.05, 16, 1024, 50, 256), (options.HeldOutPart, options.Trainer.Lora!.Rank, options.Trainer.Rows.Cutoff, options.Trainer.EvaluateEvery, options.Trainer.Objective.ConfidenceWindow));
        Assert.Throws<InvalidDataException>(() => RunFile.Parse(block.Replace("cutoff:", "cut:", StringComparison.Ordinal), "run.yaml"));
    }

    private static IEnumerable<long> Numbers(string text) => Number().Matches(text).Select(match => long.Parse(match.Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\d[\d,]*\d|\d")]
    private static partial Regex Number();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    private sealed class Keep(List<StepReport> steps) : IProgress<StepReport>
    {
        public void Report(StepReport value) => steps.Add(value);
    }
}
