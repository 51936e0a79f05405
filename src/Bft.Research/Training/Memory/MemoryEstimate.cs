using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>Counts the memory of a training run from shapes.</summary>
/// <remarks>
/// What lasts: weights, adapter, gradients, moments, float32 copies. What a micro-batch adds stays, too, for its buffers are used again: what blocks keep for the way back,
/// and what one block works in. On top of that comes the largest of what the head, attention on its way back and the optimiser hold for a moment. Blocks compute in float32
/// (float64 for a float64 model) whatever the dtype of the model. Elsewhere autograd keeps what it keeps, in the dtype of the model; that count has not been compared with a measurement.
/// </remarks>
/// <param name="Config">Shape of the model.</param>
/// <param name="Options">The run.</param>
/// <param name="Dtype">Dtype of the model.</param>
/// <param name="Batch">Largest micro-batch.</param>
/// <param name="Device">Where the model is.</param>
/// <param name="RowTokens">Tokens of all rows that are held.</param>
internal sealed record MemoryEstimate(CausalLmConfig Config, TrainerOptions Options, torch.ScalarType Dtype, MicroBatchSize Batch, DeviceType Device, long RowTokens)
{
    public long TotalBytes => Parts().Sum(part => part.Bytes);

    private long Element => Dtype switch { torch.ScalarType.Float64 => 8, torch.ScalarType.Float32 => 4, _ => 2 };

    /// <summary>Width of what is computed and summed: float64 beside float64, else float32.</summary>
    private long Precise => Math.Max(4, Element);

    private bool Full => Options.Lora is null;

    private bool ByHand => Device == DeviceType.CPU;

    /// <summary>Width of what blocks compute.</summary>
    private long Computed => ByHand ? Precise : Element;

    private long AdapterValues => Options.Lora is { } lora ? PeftConfig.From(lora).TrainedValues(Config) : 0;

    private long Trained => Full ? Config.ParameterCount : AdapterValues;

    /// <summary>Values of the head, which are those of the embedding where it is tied.</summary>
    private long HeadValues => (long)Config.VocabularySize * Config.HiddenSize;

    /// <summary>Values a token of all query heads.</summary>
    private long QueryWidth => (long)Config.Heads * Config.HeadDim;

    private long KeyWidth => (long)Config.KeyValueHeads * Config.HeadDim;

    /// <summary>Floating-point operations of a step with this micro-batch.</summary>
    public double Flops(bool checkpointing) =>
        new TrainingFlops(Config, Full ? null : AdapterValues, Options.Head, checkpointing).PerToken(Batch.Length, (double)Batch.Supervised / Batch.Tokens).Hardware;

    public IReadOnlyList<MemoryPart> Parts()
    {
        var narrow = Element < 4;
        var copies = Full && narrow;
        // What the head and the embedding add in the dtype of the model, before it is moved into the float32 sum.
        var narrowGradients = copies ? HeadValues * (Config.TiedHead ? 1 : 2) * Element : 0;
        var (moment, reason) = Moment();
        return
        [
            new("weights", Config.ParameterCount * Element, $"{Config.ParameterCount:#,0} values of {Element} bytes"),
            new("adapter", AdapterValues * Precise, Full ? "none: every weight trains" : $"{AdapterValues:#,0} values of {Precise} bytes"),
            new("gradients", Trained * Precise + narrowGradients, $"{Trained:#,0} values of {Precise} bytes"),
            new("optimizer", 2 * Trained * Precise, "two moments of every trained value"),
            new("masters", copies ? Trained * Precise : 0, copies ? "float32 copies of trained values" : "none: what trains is float32 or wider"),
            new("activations", Activations(), Options.GradientCheckpointing ? "the input of every block; blocks are computed again" : "what blocks keep for the way back"),
            new("working", Working(), "buffers of one block"),
            new("moment", moment, reason),
            .. ProcessMemory.Parts(Config, RowTokens, Device),
        ];
    }

    private long Activations() => Batch.Tokens * Computed * ((long)Config.Layers * (Options.GradientCheckpointing ? Config.HiddenSize : KeptByBlock()) + Config.HiddenSize);

    /// <summary>Values a token that a block keeps for the way back. By hand: input, middle, gate and up; query, key, value and mix, and key and value repeated for every query head.</summary>
    private long KeptByBlock()
    {
        if (!ByHand)
            return 4L * Config.IntermediateSize + 4L * Config.HiddenSize + 5 * QueryWidth;
        var repeated = Config.Heads > Config.KeyValueHeads ? 2 * QueryWidth : 0;
        var plain = Config.QueryKeyNorm ? QueryWidth + KeyWidth : 0;
        return 2L * Config.HiddenSize + 2L * Config.IntermediateSize + 2 * QueryWidth + 2 * KeyWidth + repeated + plain;
    }

    /// <summary>Buffers of a block at work, and with checkpointing what one block keeps; widened weights beside 16 bits.</summary>
    private long Working()
    {
        var block = 3L * Config.HiddenSize + Config.IntermediateSize + QueryWidth + (Options.GradientCheckpointing ? KeptByBlock() - Config.HiddenSize : 0);
        var widened = ByHand && Element < 4 ? Precise * Config.HiddenSize * (Config.IntermediateSize + Math.Max(Config.IntermediateSize, QueryWidth)) : 0;
        return Batch.Tokens * Computed * block + widened;
    }

    private (long Bytes, string Reason) Moment() =>
        new[] { (Head(), "tiles of the LM head"), (Attention(), "attention on its way back"), (Optimizer(), "the optimiser at the largest tensor") }.MaxBy(m => m.Item1);

    /// <summary>Selected hidden states, rows of the gradient, the gradient; a tile of logits; logits that are kept; a widened block.</summary>
    private long Head()
    {
        var rows = Math.Min(Batch.Supervised, (long)Options.Head.TokenChunk);
        var columns = Math.Min(Config.VocabularySize, (long)Options.Head.VocabularyChunk);
        var kept = Full ? Math.Min(Options.Head.KeptLogits, (long)Batch.Supervised * Config.VocabularySize) : 0;
        var widened = ByHand && Element < 4 ? columns * Config.HiddenSize : 0;
        var states = (long)Batch.Supervised * Config.HiddenSize * (2 * Precise + Element) + 2 * Batch.Tokens * Config.HiddenSize * Element;
        return states + (rows * columns + kept + widened) * Precise;
    }

    /// <summary>Gradients of query, and of key and value for every query head.</summary>
    private long Attention() => Batch.Tokens * Computed * (4 * QueryWidth + 2 * KeyWidth);

    /// <summary>The root of the second moments of the largest tensor.</summary>
    private long Optimizer() => Full ? Math.Max(HeadValues, (long)Config.HiddenSize * Config.IntermediateSize) * Precise : 0;
}
