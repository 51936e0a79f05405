using System.Text.Json.Nodes;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>One run file gives one run: from the shell, from the library, from a notebook cell, from the options that a run wrote, and by another tool's names.</summary>
public sealed class SameRunTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public SameRunTests()
    {
        File.WriteAllLines(_folder["rows.jsonl"], Enumerable.Range(1, 6).Select(i => $$"""{"instruction": "Which gene, number {{i}}?", "output": "TP53 and BRCA{{i % 2 + 1}}{{new string('.', i)}}"}"""));
        File.WriteAllText(_folder["run.yaml"], $$"""
            # a small run
            model: {{s_mini}}
            data: {{_folder["rows.jsonl"]}}
            held_out_part: 2
            output: {{_folder["shell"]}}
            dtype: float32
            device: cpu
            threads: 1
            objective: bft-v3
            learning_rate: 0.01
            lora: {rank: 4, dropout: 0.1}
            max_steps: 3
            rows_per_micro_batch: 2
            accumulation: 2
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_shell_the_library_a_notebook_and_the_written_options_give_the_same_bytes()
    {
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("train", _folder["run.yaml"])).Code);

        using (var run = TrainingRun.Open(RunFile.Read(_folder["run.yaml"]) with { Output = _folder["library"] }))
            run.Run();
        Assert.Empty(Differences("shell", "library"));

        File.WriteAllText(_folder["run.ipynb"], WrittenNotebook.Of(
            """
            #r "Bft.Research"
            using Bft.Research.Runs;
            var run = TrainingRun.Open(RunFile.Read("run.yaml") with { Output = "notebook" });
            run.Run();
            run.Dispose();
            """));
        var outcome = CommandLine.Start(_folder.Path, "notebook", "run", "run.ipynb", "--out", "out.ipynb");
        Assert.True(outcome.Code == Verb.Success, outcome.Error);
        Assert.Empty(Differences("shell", "notebook"));

        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("train", Path.Combine(_folder["shell"], "options.json"), "--output", _folder["again"])).Code);
        Assert.Empty(Differences("shell", "again"));
        Assert.Equal(
            File.ReadAllText(Path.Combine(_folder["shell"], "options.json")),
            File.ReadAllText(Path.Combine(_folder["again"], "options.json")).Replace(_folder["again"], _folder["shell"], StringComparison.Ordinal));

        // wrong variants: another seed, one value that the file does not have
        foreach (var wrong in (string[])["seed=43", "dropout=0.2", "held_out_part=1"])
        {
            Assert.Equal(Verb.Success, (await CommandLine.RunAsync("train", _folder["run.yaml"], wrong, $"output={_folder[wrong]}")).Code);
            Assert.NotEmpty(Differences("shell", wrong));
        }
    }

    [Fact]
    public async Task A_file_of_the_fork_runs_as_it_is_and_says_what_became_of_each_name()
    {
        File.WriteAllText(_folder["rows.json"], $"[{string.Join(",\n", File.ReadAllLines(_folder["rows.jsonl"])).Replace("instruction", "ask", StringComparison.Ordinal)}]");
        File.WriteAllText(_folder["dataset_info.json"], """{"genes": {"file_name": "rows.json", "columns": {"prompt": "ask"}}}""");
        File.WriteAllText(_folder["fork.yaml"], $"""
            ### model
            model_name_or_path: {s_mini}
            trust_remote_code: true
            ### method
            stage: sft
            do_train: true
            finetuning_type: lora
            lora_rank: 4
            lora_target: all
            use_bft_loss: true
            ### dataset
            dataset: genes
            dataset_dir: {_folder.Path}
            template: qwen
            cutoff_len: 64
            max_samples: 1000
            overwrite_cache: true
            preprocessing_num_workers: 16
            ### output
            output_dir: {_folder["fork"]}
            logging_steps: 1
            save_steps: 500
            plot_loss: true
            overwrite_output_dir: true
            report_to: none
            ### train
            per_device_train_batch_size: 2
            gradient_accumulation_steps: 2
            learning_rate: 1.0e-2
            num_train_epochs: 2.0
            lr_scheduler_type: cosine
            warmup_ratio: 0.1
            bf16: true
            ddp_timeout: 180000000
            resume_from_checkpoint: null
            ### eval
            val_size: 0.1
            per_device_eval_batch_size: 1
            eval_strategy: steps
            eval_steps: 2
            """);
        var outcome = CommandLine.Start(_folder.Path, "train", "fork.yaml", "--threads", "1");
        Assert.True(outcome.Code == Verb.Success, outcome.Error);
        string[] said = [.. outcome.Error.Split('\n').Where(line => line.StartsWith("fork.yaml:", StringComparison.Ordinal))];
        var named = File.ReadAllLines(_folder["fork.yaml"]).Count(line => line.Contains(": ", StringComparison.Ordinal) && !line.EndsWith("null", StringComparison.Ordinal));
        Assert.InRange(said.Length, named - 5, named); // but for those that are options of ours by name, and those read together with dataset
        Assert.Contains("fork.yaml:3: trust_remote_code 'true': ignored: no code of a model folder is run", said);
        Assert.Contains("fork.yaml:10: use_bft_loss 'true': is trainer.objective.kind=BftV1Code; trainer.objective.ablation=None; trainer.objective.reduction=SumOverMicroBatches; trainer.objective.confidenceWindow=256; trainer.objective.gamma=1", said);
        Assert.Contains("fork.yaml:14: template 'qwen': is trainer.rows.templateMark=<|im_start|>", said);

        Assert.Equal(Verb.Success, (await CommandLine.RunAsync(
            "train", "--model", s_mini, "--data", _folder["rows.jsonl"], "--output", _folder["ours"], "--dtype", "bfloat16", "--threads", "1", "--cutoff", "64", "--lora-r", "4", "--batch", "2", "--accumulation", "2",
            "--lr", "0.01", "--epochs", "2", "--schedule", "cosine", "--warmup-ratio", "0.1", "--objective", "bft-v1-code", "--reduction", "sum-over-micro-batches", "--held-out-part", "0.1", "--eval-every", "2")).Code);
        Assert.Empty(Differences("fork", "ours"));
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("train", _folder["fork.yaml"], "use_bft_loss=false", "--output", _folder["sft"])).Code);
        Assert.NotEmpty(Differences("fork", "sft"));
    }

    private List<string> Differences(string one, string other)
    {
        string[] measured = ["kind", "step", "loss", "meanNll", "supervisedTokens", "realTokens", "paddedTokens", "gradientNorm", "learningRate", "weightMass", "sequenceWeightMean", "tokens", "accuracy", "meanConfidence"];
        string[] Lines(string run) => [.. File.ReadLines(Path.Combine(_folder[run], "log.jsonl")).Select(line => JsonNode.Parse(line)!).Where(line => line["kind"]!.GetValue<string>() != "device")
            .Select(line => string.Join(' ', measured.Select(name => line[name]?.ToJsonString())))];
        List<string> differences = [.. Lines(one).Zip(Lines(other)).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.First} / {pair.Second}")];
        if (Lines(one).Length != Lines(other).Length)
            differences.Add("another number of lines");
        if (!File.ReadAllBytes(Path.Combine(_folder[one], "adapter", "adapter_model.safetensors")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_folder[other], "adapter", "adapter_model.safetensors"))))
            differences.Add("another adapter");
        return differences;
    }
}
