using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>Counts the memory of a training run from shapes.</summary>
/// <remarks>
/// What lasts: weights, adapter, gradients, moments, float32 copies. What a micro-batch adds: what blocks keep for the way back, and on top of it the larger of what the
/// head and what one block on its way back hold for a moment. Constant: runtime and libtorch.
/// </remarks>
/// <param name="Config">Shape of the model.</param>
/// <param name="Options">The run.</param>
/// <param name="Dtype">Dtype of the model.</param>
/// <param name="Batch">Largest micro-batch.</param>
internal sealed record MemoryEstimate(CausalLmConfig Config, TrainerOptions Options, torch.ScalarType Dtype, MicroBatchSize Batch)
{
    /// <summary>Resident memory of a process that has loaded runtime, libtorch and a tokenizer and has run one step.</summary>
    private const long Constant = 170_000_000;

    public long TotalBytes => Parts().Sum(part => part.Bytes);

    private long Element => Dtype switch { torch.ScalarType.Float64 => 8, torch.ScalarType.Float32 => 4, _ => 2 };

    /// <summary>Width of what is summed: float64 beside float64, else float32.</summary>
    private long Precise => Math.Max(4, Element);

    private bool Full => Options.Lora is null;

    private long AdapterValues => Options.Lora is { } lora ? PeftConfig.From(lora).TrainedValues(Config) : 0;

    private long Trained => Full ? Config.ParameterCount : AdapterValues;

    private bool HeadTrains => Full;

    /// <summary>Floating-point operations of a step with this micro-batch.</summary>
    public double Flops(bool checkpointing) =>
        new TrainingFlops(Config, Full ? null : AdapterValues, Options.Head, checkpointing).PerToken(Batch.Length, (double)Batch.Supervised / Batch.Tokens).Hardware;

    public IReadOnlyList<MemoryPart> Parts()
    {
        var copies = Full && Element < 4;
        return
        [
            new("weights", Config.ParameterCount * Element, $"{Config.ParameterCount:#,0} values of {Element} bytes"),
            new("adapter", AdapterValues * Precise, Full ? "none: every weight trains" : $"{AdapterValues:#,0} values of {Precise} bytes"),
            new("gradients", Trained * (Precise + (copies ? Element : 0)), $"{Trained:#,0} values{(copies ? ", and their float32 sums" : "")}"),
            new("optimizer", 2 * Trained * Precise, "two moments of every trained value"),
            new("masters", copies ? Trained * 4 : 0, copies ? "float32 copies of trained values" : "none: what trains is float32 or wider"),
            new("activations", Activations(), Options.GradientCheckpointing ? "the input of every block; blocks are computed again" : "what blocks keep for the way back"),
            new("working", Math.Max(Head(), Block()), Head() > Block() ? "tiles of the LM head" : "one block on its way back"),
            new("constant", Constant, "runtime and libtorch"),
        ];
    }

    private long Activations() => Batch.Tokens * Config.Layers * Element * (Options.GradientCheckpointing ? Config.HiddenSize : KeptByBlock());

    /// <summary>Values a token that a block keeps for the way back.</summary>
    private long KeptByBlock()
    {
        long width = (long)Config.Heads * Config.HeadDim;
        return 4L * Config.IntermediateSize + 4L * Config.HiddenSize + 5 * width;
    }

    /// <summary>What the head holds: selected hidden states, rows of the gradient, tiles, kept logits.</summary>
    private long Head()
    {
        var tile = Math.Min(Batch.Supervised, Options.Head.TokenChunk) * Math.Min(Config.VocabularySize, (long)Options.Head.VocabularyChunk);
        var kept = HeadTrains ? Math.Min(Options.Head.KeptLogits, (long)Batch.Supervised * Config.VocabularySize) : 0;
        return (long)Batch.Supervised * Config.HiddenSize * (Element + Precise) + Batch.Tokens * Config.HiddenSize * Element + (2 * tile + kept) * Precise;
    }

    /// <summary>What one block on its way back holds for a moment.</summary>
    private long Block()
    {
        var gradients = Batch.Tokens * Element * (3L * Config.IntermediateSize + 4L * Config.HiddenSize);
        return gradients + (Options.GradientCheckpointing ? Batch.Tokens * Element * KeptByBlock() : 0);
    }
}
