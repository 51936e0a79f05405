using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using Bft.Research.World;
using TorchSharp;

namespace Bft.Cli;

/// <summary><c>bft world pretrain</c>: makes the mini model from nothing: tokenizer, training, bfloat16 weights, model card with measured numbers.</summary>
internal static class WorldPretrainCommand
{
    public static Command Create()
    {
        MiniModelOptions defaults = new();
        var data = WorldCommand.DataOption();
        var output = new Option<string>("--out") { Description = "folder for the model; absent or empty", Required = true };
        var steps = new Option<int>("--steps") { Description = "optimiser steps", DefaultValueFactory = _ => defaults.Steps };
        var seed = new Option<long>("--seed") { Description = "seed of weights and texts", DefaultValueFactory = _ => defaults.Seed };
        var command = new Command("pretrain", "Train the tokenizer and the mini model of the embedded world from scratch.") { data, output, steps, seed };
        return command.Does((result, cancellationToken) =>
        {
            var options = defaults with { Steps = result.GetValue(steps), Seed = result.GetValue(seed) };
            var world = MiniWorld.Load(result.GetValue(data)!);
            AtomicOutput.WriteFolder(result.GetValue(output)!, place => Run(world, options, place, cancellationToken));
            return Verb.Success;
        });
    }

    private static void Run(MiniWorld world, MiniModelOptions options, string output, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("bft-mini").FullName;
        try
        {
            var watch = Stopwatch.StartNew();
            var tokenizer = MiniModelTraining.LearnTokenizer(world, options, Path.Combine(scratch, "tokenizer"));
            Progress progress = new(options.Steps);
            using (var model = MiniModelTraining.Pretrain(world, tokenizer, options, progress, cancellationToken))
                model.Save(Path.Combine(scratch, "float32"));
            var minutes = watch.Elapsed.TotalMinutes;

            using (var rounded = CausalLm.Load(Path.Combine(scratch, "float32"), torch.ScalarType.BFloat16))
                rounded.Save(output);
            foreach (var file in Directory.GetFiles(Path.Combine(scratch, "tokenizer")))
                File.Copy(file, Path.Combine(output, Path.GetFileName(file)));
            File.WriteAllText(Path.Combine(output, "generation_config.json"), GenerationConfig(tokenizer));
            using var shipped = CausalLm.Load(output, torch.ScalarType.Float32);
            var report = MiniModelReport.Measure(shipped, tokenizer, world, (ulong)options.Seed, cancellationToken: cancellationToken);
            File.WriteAllText(Path.Combine(output, "README.md"), MiniModelCard.Write(world, options, shipped, report, progress.MeanNll, minutes));
            Console.WriteLine(report.ToMarkdown());
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static string GenerationConfig(HfTokenizer tokenizer) => JsonSerializer.Serialize(
        new
        {
            do_sample = false,
            eos_token_id = new[] { tokenizer.TokenToId(MiniModelOptions.TurnEnd), tokenizer.TokenToId(MiniModelOptions.EndOfText) },
            max_new_tokens = 64,
            pad_token_id = tokenizer.TokenToId(MiniModelOptions.EndOfText),
        },
        new JsonSerializerOptions { WriteIndented = true }) + "\n";

    /// <summary>Prints every 25th step and keeps the mean loss of the last 25.</summary>
    private sealed class Progress(int steps) : IProgress<StepReport>
    {
        private readonly Queue<double> _last = [];

        public double MeanNll => _last.Average();

        public void Report(StepReport value)
        {
            _last.Enqueue(value.MeanNll);
            if (_last.Count > 25)
                _last.Dequeue();
            if (value.Step % 25 == 0 || value.Step == steps)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {value.Step}/{steps}  nll {MeanNll:0.000}  norm {value.GradientNorm:0.00}  {value.TokensPerSecond:0} tokens/s"));
        }
    }
}
