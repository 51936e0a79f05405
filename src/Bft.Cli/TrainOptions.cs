using System.CommandLine;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>The options of <c>bft train</c> that make <see cref="TrainerOptions"/>: a file, and single options that win over it.</summary>
internal sealed class TrainOptions
{
    private readonly Option<FileInfo?> _config = new("--config") { Description = "JSON file of trainer options, as options.json of a run; single options win over it" };
    private readonly Option<string?> _objective = new("--objective") { Description = "what is minimised (default bft-v3)" };
    private readonly Option<int?> _window = new("--window") { Description = "tokens in a confidence window (default 256)" };
    private readonly Option<Reduction?> _reduction = new("--reduction") { Description = "what losses are divided by (default: the objective's own)" };
    private readonly Option<bool> _full = new("--full") { Description = "train all weights instead of LoRA" };
    private readonly Option<int?> _rank = new("--lora-r") { Description = "rank of LoRA (default 16)" };
    private readonly Option<double?> _alpha = new("--lora-alpha") { Description = "alpha of LoRA (default 2r)" };
    private readonly Option<double?> _dropout = new("--lora-dropout") { Description = "dropout of LoRA inputs (default 0)" };
    private readonly Option<string[]> _targets = new("--lora-targets") { Description = "layers such as q_proj v_proj (default: all linear layers)", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double?> _rate = new("--lr") { Description = "learning rate after warm-up (default 1e-4)" };
    private readonly Option<ScheduleKind?> _schedule = new("--schedule") { Description = "shape of the learning rate (default Cosine)" };
    private readonly Option<double?> _warmup = new("--warmup-ratio") { Description = "part of the steps that is warm-up (default 0.1)" };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "passes over the rows (default 3)" };
    private readonly Option<int?> _steps = new("--max-steps") { Description = "optimiser steps instead of epochs" };
    private readonly Option<int?> _batch = new("--batch") { Description = "rows of a micro-batch (default 1)" };
    private readonly Option<int?> _accumulation = new("--accumulation") { Description = "micro-batches of a step (default 8)" };
    private readonly Option<int?> _cutoff = new("--cutoff") { Description = "longest row in tokens (default 2048)" };
    private readonly Option<double?> _norm = new("--max-grad-norm") { Description = "largest gradient norm (default 1)" };
    private readonly Option<double?> _decay = new("--weight-decay") { Description = "decoupled weight decay (default 0)" };
    private readonly Option<long?> _seed = new("--seed") { Description = "seed of row order, adapter, dropout (default 42)" };
    private readonly Option<int?> _every = new("--eval-every") { Description = "steps between measurements of --held-out (default: at the end only)" };

    public void AddTo(Command command)
    {
        _objective.AcceptOnlyFromAmong([.. Objective.Names]);
        Option[] all =
        [
            _config, _objective, _window, _reduction, _full, _rank, _alpha, _dropout, _targets, _rate, _schedule, _warmup, _epochs, _steps, _batch,
            _accumulation, _cutoff, _norm, _decay, _seed, _every,
        ];
        foreach (var option in all)
            command.Add(option);
    }

    /// <exception cref="InvalidDataException">The file is wrong, or an adapter option stands beside <c>--full</c>.</exception>
    public TrainerOptions Read(ParseResult result)
    {
        var start = result.GetValue(_config) is { } file ? TrainerOptionsFile.Read(file.FullName) : new();
        var named = result.GetValue(_objective) is { } name ? Objective.Named(name) : start.Objective;
        return start with
        {
            Objective = start.Objective with
            {
                Kind = named.Kind,
                Ablation = named.Ablation,
                ConfidenceWindow = result.GetValue(_window) ?? start.Objective.ConfidenceWindow,
                Reduction = result.GetValue(_reduction) ?? start.Objective.Reduction,
            },
            Lora = Lora(result, start.Lora),
            LearningRate = result.GetValue(_rate) ?? start.LearningRate,
            Schedule = result.GetValue(_schedule) ?? start.Schedule,
            WarmupRatio = result.GetValue(_warmup) ?? start.WarmupRatio,
            WarmupSteps = result.GetValue(_warmup) is null ? start.WarmupSteps : null,
            Epochs = result.GetValue(_epochs) ?? start.Epochs,
            MaxSteps = result.GetValue(_steps) ?? (result.GetValue(_epochs) is null ? start.MaxSteps : null),
            RowsPerMicroBatch = result.GetValue(_batch) ?? start.RowsPerMicroBatch,
            Accumulation = result.GetValue(_accumulation) ?? start.Accumulation,
            Rows = start.Rows with { Cutoff = result.GetValue(_cutoff) ?? start.Rows.Cutoff },
            MaxGradientNorm = result.GetValue(_norm) ?? start.MaxGradientNorm,
            Optimizer = start.Optimizer with { WeightDecay = result.GetValue(_decay) ?? start.Optimizer.WeightDecay },
            Seed = result.GetValue(_seed) ?? start.Seed,
            EvaluateEvery = result.GetValue(_every) ?? start.EvaluateEvery,
        };
    }

    private LoraOptions? Lora(ParseResult result, LoraOptions? start)
    {
        int? rank = result.GetValue(_rank);
        double? alpha = result.GetValue(_alpha), dropout = result.GetValue(_dropout);
        string[] targets = result.GetValue(_targets) ?? [];
        if (result.GetValue(_full))
            return rank is null && alpha is null && dropout is null && targets.Length == 0
                ? null
                : throw new InvalidDataException("--full: expected no option of LoRA beside it.");
        var lora = start ?? new();
        if (start is null && rank is null && alpha is null && dropout is null && targets.Length == 0)
            return null;
        return lora with
        {
            Rank = rank ?? lora.Rank,
            Alpha = alpha ?? (rank is { } r ? 2 * r : lora.Alpha),
            Dropout = dropout ?? lora.Dropout,
            Targets = targets.Length > 0 ? targets : lora.Targets,
        };
    }
}
