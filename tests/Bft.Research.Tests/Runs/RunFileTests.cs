using Bft.Research.Objectives;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Research.Tests.Runs;

/// <summary>Run options from YAML, JSON and settings: names, precedence, errors with line and nearest name.</summary>
public sealed class RunFileTests
{
    private const string Start = "model: m\ndata: a.jsonl\noutput: o\n";

    [Fact]
    public void Options_survive_their_file()
    {
        var options = new RunOptions
        {
            Model = "m: odd #name",
            Data = [new() { File = "a.jsonl", Limit = 3 }],
            Output = "o",
            Compute = new() { Threads = 2, Dtype = "float32" },
            Trainer = new() { Lora = new() { Rank = 3, Targets = ["q_proj"] }, MaxGradientNorm = double.PositiveInfinity, Objective = new() { ConfidenceWindow = 7 }, MaxSteps = 5 },
        };
        var read = RunFile.Parse(RunFile.Write(options), "options.json");
        Assert.Equal(RunFile.Write(options), RunFile.Write(read));
        Assert.Equal((7, double.PositiveInfinity, "m: odd #name"), (read.Trainer.Objective.ConfidenceWindow, read.Trainer.MaxGradientNorm, read.Model));
        Assert.NotEqual(RunFile.Write(options), RunFile.Write(read with { Compute = read.Compute with { Threads = 3 } }));
        Assert.Null(Read("lora: null").Trainer.Lora); // null means full fine-tuning; leaving it out keeps LoRA
        Assert.NotNull(Read("").Trainer.Lora);
    }

    [Theory]
    [InlineData("trainer: {lora: {rank: 4}}")]
    [InlineData("trainer.lora.rank: 4")]
    [InlineData("lora.rank: 4")]
    [InlineData("lora:\n  Rank: 4")]
    [InlineData("rank: 4")]
    [InlineData("lora_r: 4")]
    [InlineData("lora_rank: 4.0")]
    public void A_name_may_be_nested_dotted_or_alone_or_that_of_another_tool(string line) =>
        Assert.Equal((4, 8.0), (Read(line).Trainer.Lora!.Rank, Read(line).Trainer.Lora!.Alpha));

    [Fact]
    public void A_word_names_an_objective_and_settings_win_over_the_file()
    {
        Assert.Equal((ObjectiveKind.BftV3, Ablation.TokenOnly), (Read("objective: bft-v3-token-only").Trainer.Objective.Kind, Read("objective: bft-v3-token-only").Trainer.Objective.Ablation));
        var both = Read("objective: sft\nlr: 1\nwarmup_steps: 5\nmax_steps: 7", RunSetting.Parse("objective=dft"), RunSetting.Of("trainer.learningRate", ["2"], "--lr"), RunSetting.Parse("warmup_ratio=0.5"), RunSetting.Parse("epochs=2"));
        Assert.Equal((ObjectiveKind.Dft, 2, null, null, 2), (both.Trainer.Objective.Kind, both.Trainer.LearningRate, both.Trainer.WarmupSteps, both.Trainer.MaxSteps, both.Trainer.Epochs));
        Assert.Equal(7, Read("epochs: 2\nmax_steps: 7").Trainer.MaxSteps);
        Assert.Equal(ObjectiveKind.Sft, Read("stage: sft\nuse_bft_loss: true", RunSetting.Parse("use_bft_loss=false")).Trainer.Objective.Kind); // of one name the last counts, not what the first has set
    }

    [Fact]
    public void The_stage_of_another_tool_brings_its_defaults_and_its_loss_the_released_reduction()
    {
        var sft = Read("stage: sft");
        Assert.Equal((ObjectiveKind.Sft, 8, 16.0, 5e-5, ScheduleKind.Linear, 8, 1), (sft.Trainer.Objective.Kind, sft.Trainer.Lora!.Rank, sft.Trainer.Lora.Alpha, sft.Trainer.LearningRate, sft.Trainer.Schedule, sft.Trainer.RowsPerMicroBatch, sft.Trainer.Accumulation));
        var bft = Read("use_bft_loss: true\nstage: sft\nuse_dft_loss: true\nlora_rank: 32");
        Assert.Equal((ObjectiveKind.BftV1Code, Reduction.SumOverMicroBatches, 64.0), (bft.Trainer.Objective.Kind, bft.Trainer.Objective.Reduction, bft.Trainer.Lora!.Alpha));
    }

    [Theory]
    [InlineData("template: qwen3", true)]
    [InlineData("template: llama3", false)] // the wrong variant: rows in a format that the file does not ask for
    [InlineData("template: of_our_own", true)]
    [InlineData("template: null", true)]
    public void A_template_of_another_tool_has_to_be_that_of_the_model(string line, bool good)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53."}""");
        var options = RunFile.Parse($"model: {Path.Combine(Bft.Tests.Checkout.Root, "notebooks", "mini", "model")}\ndata: {folder["rows.jsonl"]}\noutput: o\n{line}", "run.yaml");
        if (good)
            Assert.Single(RunRows.Read(options).Training.Examples);
        else
            Assert.Contains("chat_template: expected one that writes '<|start_header_id|>'", Assert.Throws<TokenizerException>(() => RunRows.Read(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learning_rat: 1", "run.yaml:4: learning_rat: there is no such option; the nearest is 'learning_rate'.")]
    [InlineData("trainer: {learningRat: 1}", "run.yaml:4: trainer.learningRat: there is no such option; the nearest is 'learningRate'.")]
    [InlineData("\nepochs: many", "run.yaml:5: epochs: expected a whole number, actual 'many'.")]
    [InlineData("epochs: 0.5", "run.yaml:4: epochs: expected a whole number, actual '0.5'.")]
    [InlineData("epsilon: 1", "run.yaml:4: epsilon: expected one of trainer.objective.epsilon, trainer.optimizer.epsilon.")]
    [InlineData("stage: dpo", "run.yaml:4: stage: 'dpo' cannot be honoured: only supervised fine-tuning (sft) is offered.")]
    [InlineData("template: default", "run.yaml:4: template: 'default' cannot be honoured: rows are written with the chat template of the model's folder; put this one there as chat_template.jinja, or leave template out to train with what is there.")]
    [InlineData("template: qwen\nplain: true", "options: run.yaml:4: Trainer.Rows.TemplateMark: expected nothing beside Plain, actual '<|im_start|>'.")]
    [InlineData("quantization_bit: 4", "run.yaml:4: quantization_bit: '4' cannot be honoured: weights are bfloat16, float32 or float64.")]
    [InlineData("lora_r: 4\nrank: 5", "run.yaml:5: rank: expected trainer.lora.rank once, actual also at run.yaml:4 as lora_r.")]
    [InlineData("lora: null\nrank: 5", "run.yaml:5: rank: expected nothing below trainer.lora, which is null (run.yaml:4).")]
    [InlineData("epochs: -3\nlr: 0", "options: run.yaml:4: Trainer.Epochs: expected a whole number above 0, actual -3; run.yaml:5: Trainer.LearningRate: expected a finite number above 0, actual 0.")]
    public void What_is_wrong_is_named_with_its_line(string lines, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(lines)).Message;
        Assert.Equal(Sorted(message), Sorted(error));

        static string Sorted(string text) => string.Join("; ", text.Replace("options: ", "").TrimEnd('.').Split("; ").Order());
    }

    private static RunOptions Read(string lines, params RunSetting[] settings) => RunFile.Parse(Start + lines, "run.yaml", settings);
}
