using System.CommandLine;
using Bft.Research.Objectives;
using Bft.Research.Runs;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary>The options of <c>bft train</c>: short names for options of <see cref="RunOptions"/>, which win over the run file.</summary>
internal sealed class TrainOptions
{
    private readonly List<(string Name, Option Option)> _named =
    [
        ("model", Text("--model", "folder in Hugging Face layout, or a .gguf file beside its tokenizer.json")),
        ("adapter", Text("--adapter", "PEFT folder that is trained on")),
        ("data", Texts("--data", "JSON Lines or JSON array of conversations: alpaca, sharegpt or messages")),
        ("heldOut", Texts("--held-out", "rows that are only measured")),
        ("heldOutPart", Text("--held-out-part", "part or number of rows that are taken out of --data and only measured")),
        ("output", Text("--output", "folder for log, options and result; absent or empty")),
        ("compute.dtype", Text("--dtype", "auto (default: by the device), bfloat16, float32 or float64")),
        ("compute.device", Text("--device", "auto (default: a card if there is one), cpu, cuda or cuda:N")),
        ("compute.threads", Text("--threads", "threads of the processor (default: one a core)")),
        ("trainer.objective", Text("--objective", $"what is minimised (default bft-v3): {string.Join(", ", Objective.Names)}")),
        ("trainer.objective.confidenceWindow", Text("--window", "tokens in a confidence window (default 256)")),
        ("trainer.objective.reduction", Text("--reduction", "what losses are divided by (default: the objective's own)")),
        ("trainer.lora.rank", Text("--lora-r", "rank of LoRA (default 16)")),
        ("trainer.lora.alpha", Text("--lora-alpha", "alpha of LoRA (default 2r)")),
        ("trainer.lora.dropout", Text("--lora-dropout", "dropout of LoRA inputs (default 0)")),
        ("trainer.lora.targets", Texts("--lora-targets", "layers such as q_proj v_proj (default: all linear layers)")),
        ("trainer.learningRate", Text("--lr", "learning rate after warm-up (default 1e-4)")),
        ("trainer.schedule", Text("--schedule", "shape of the learning rate (default cosine)")),
        ("trainer.warmupRatio", Text("--warmup-ratio", "part of the steps that is warm-up (default 0.1)")),
        ("trainer.epochs", Text("--epochs", "passes over the rows (default 3)")),
        ("trainer.maxSteps", Text("--max-steps", "optimiser steps instead of epochs")),
        ("trainer.rowsPerMicroBatch", Text("--batch", "rows of a micro-batch (default 1)")),
        ("trainer.accumulation", Text("--accumulation", "micro-batches of a step (default 8)")),
        ("trainer.rows.cutoff", Text("--cutoff", "longest row in tokens (default 2048)")),
        ("trainer.maxGradientNorm", Text("--max-grad-norm", "largest gradient norm (default 1)")),
        ("trainer.optimizer.weightDecay", Text("--weight-decay", "decoupled weight decay (default 0)")),
        ("trainer.seed", Text("--seed", "seed of row order, adapter, dropout (default 42)")),
        ("logEvery", Text("--log-every", "steps that a line of the log reports together (default 1)")),
        ("trainer.evaluateEvery", Text("--eval-every", "steps between measurements of --held-out (default: at the end only)")),
        ("trainer.checkpoints.every", Text("--checkpoint-every", "steps between checkpoints (default 100); 0 for the end and stops only")),
        ("trainer.checkpoints.keep", Text("--keep-checkpoints", "how many of the last checkpoints are kept beside the best (default 2)")),
        ("trainer.stopping.metric", Text("--metric", "what decides on --held-out: meanNll (default), accuracy or meanConfidence")),
        ("trainer.stopping.patience", Text("--patience", "measurements of --held-out without a gain after which training ends")),
        ("forgetting", Text("--forgetting", "general text (.jsonl with text, or plain) that is measured against its start, to see what is forgotten")),
        ("trainer.stopping.forgettingEvery", Text("--forgetting-every", "steps between measurements of --forgetting (default: with --held-out)")),
        ("trainer.stopping.maxForgetting", Text("--max-forgetting", "rise of the mean −log p of --forgetting (nats) that ends training")),
        ("trainer.nonFinite.policy", Text("--on-non-finite", "stop (default) at a loss or gradient that is not finite, or skip the step")),
    ];

    private readonly List<(string Name, string Value, Option<bool> Option)> _flags =
    [
        ("saveBest", "true", Flag("--save-best", "save the best checkpoint by --metric instead of the last step")),
        ("trainer.lora", "null", Flag("--full", "train all weights instead of LoRA")),
        ("tensorBoard", "true", Flag("--tensorboard", "write TensorBoard event files beside the log")),
        ("trainer.rows.plain", "true", Flag("--plain", "no chat template: the prompt as it stands, a line break, the response")),
        ("trainer.rows.policies", "skip", Flag("--skip-bad-rows", "leave out rows that cannot be used, and count them, instead of stopping")),
    ];

    private readonly RunFileArguments<RunOptions> _arguments;

    public TrainOptions() => _arguments = new(_named, _flags);

    public void AddTo(Command command) => _arguments.AddTo(command);

    /// <summary>The run that file, settings and options ask for.</summary>
    /// <param name="result">What was parsed.</param>
    /// <param name="remarks">Receives what was translated and ignored.</param>
    /// <param name="otherwise">The run file where none is given; null for none.</param>
    /// <exception cref="InvalidDataException">Names or values are wrong.</exception>
    public RunOptions Read(ParseResult result, ICollection<RunRemark> remarks, string? otherwise = null) => _arguments.Read(result, remarks, otherwise);
}
