using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Training;
using Bft.Research.Training;

namespace Bft.Research.World;

/// <summary>Shape and training of the mini model. The defaults made the shipped one.</summary>
public sealed record MiniModelOptions
{
    /// <summary>Closes a document and fills up rows.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Opens a turn of a chat.</summary>
    public const string TurnStart = "<|im_start|>";

    /// <summary>Closes a turn of a chat.</summary>
    public const string TurnEnd = "<|im_end|>";

    /// <summary>ChatML as a Jinja template; the <c>generation</c> block marks what the assistant says, end of turn included. No system turn is added.</summary>
    public const string ChatTemplate =
        """
        {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}{% else %}{{ message['content'] + '<|im_end|>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    /// <summary>Tokens in all.</summary>
    public int VocabularySize { get; init; } = 3072;

    /// <summary>Documents that the tokenizer learns from.</summary>
    public int TokenizerDocuments { get; init; } = 6000;

    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize { get; init; } = 192;

    /// <summary>Width of the feed-forward part.</summary>
    public int IntermediateSize { get; init; } = 512;

    /// <summary>Blocks.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>Key-value heads.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Tokens of a training row.</summary>
    public int RowLength { get; init; } = 256;

    /// <summary>Rows of an optimiser step.</summary>
    public int RowsPerStep { get; init; } = 4;

    /// <summary>Optimiser steps.</summary>
    public int Steps { get; init; } = 1600;

    /// <summary>Learning rate at the end of warm-up.</summary>
    public double LearningRate { get; init; } = 2.5e-3;

    /// <summary>Seed of weights and texts.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The shape as a Qwen2 configuration with a tied head.</summary>
    /// <param name="tokenizer">Gives the ids of the special tokens.</param>
    public CausalLmConfig Shape(HfTokenizer tokenizer) => new()
    {
        Family = DecoderFamily.Qwen2,
        VocabularySize = tokenizer.VocabularySize,
        HiddenSize = HiddenSize,
        IntermediateSize = IntermediateSize,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadDim = HiddenSize / Heads,
        TiedHead = true,
        QueryKeyValueBias = true,
        MaxPositions = 512,
        EosTokenIds = [tokenizer.TokenToId(TurnEnd)!.Value, tokenizer.TokenToId(EndOfText)!.Value],
        PadTokenId = tokenizer.TokenToId(EndOfText),
    };

    internal BpeTrainerOptions Tokenizer() => new()
    {
        VocabularySize = VocabularySize,
        SpecialTokens = [EndOfText, TurnStart, TurnEnd],
        EndToken = TurnEnd,
        PadToken = EndOfText,
        ChatTemplate = ChatTemplate,
        ModelMaxLength = 512,
    };

    internal TrainerOptions Training() => new()
    {
        Objective = new() { Kind = ObjectiveKind.Sft },
        Lora = null,
        LearningRate = LearningRate,
        WarmupRatio = 0.05,
        MaxSteps = Steps,
        RowsPerMicroBatch = RowsPerStep,
        Accumulation = 1,
        Rows = new() { Cutoff = RowLength, Order = RowOrder.AsRead },
        Optimizer = new() { Beta2 = 0.99, WeightDecay = 0.01 },
        Seed = Seed,
    };
}
