using Bft.Research.Checkpoints;

namespace Bft.Research.Models.Encoders;

/// <summary>Families of encoders that <see cref="TextEncoder"/> can be.</summary>
public enum EncoderFamily
{
    /// <summary>BERT and MiniLM.</summary>
    Bert,

    /// <summary>DistilBERT: no segments, no pooler.</summary>
    DistilBert,

    /// <summary>RoBERTa: positions count real tokens from the padding id + 1 on.</summary>
    Roberta,

    /// <summary>MPNet: positions as RoBERTa, no segments, a bias by distance in attention.</summary>
    MpNet,
}

/// <summary>Shape and rules of an encoder, as config.json of a Hugging Face folder describes them.</summary>
public sealed record TextEncoderConfig
{
    /// <summary>Family; decides names of fields and tensors.</summary>
    public required EncoderFamily Family { get; init; }

    /// <summary>Number of tokens V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width D of the hidden states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of heads; divides <see cref="HiddenSize"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Rows of the position table.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Rows of the segment table; 0 when the family has none.</summary>
    public int Segments { get; init; }

    /// <summary>ε of the layer norms.</summary>
    public double NormEpsilon { get; init; } = 1e-12;

    /// <summary>Nonlinearity of the feed-forward part.</summary>
    public GateActivation Activation { get; init; } = GateActivation.Gelu;

    /// <summary>Id that is not numbered where positions count real tokens; positions start one above it. Always 1 for MPNet.</summary>
    public long PadTokenId { get; init; }

    /// <summary>Rows of MPNet's table of biases by distance; 0 when the family has none.</summary>
    public int DistanceBuckets { get; init; }

    /// <summary>Whether positions count real tokens instead of places.</summary>
    public bool CountsRealTokens => Family is EncoderFamily.Roberta or EncoderFamily.MpNet;

    /// <summary>Reads config.json of a folder.</summary>
    /// <exception cref="CheckpointException">The file is absent, or a field is absent, unknown or unsupported.</exception>
    public static TextEncoderConfig Read(string folder)
    {
        var fields = ConfigFields.Read(Path.Combine(folder, CausalLmConfig.FileName));
        var type = fields.Text("model_type") ?? throw fields.Wrong("model_type", "bert, distilbert, roberta or mpnet", "nothing");
        EncoderFamily family = type switch
        {
            "bert" => EncoderFamily.Bert,
            "distilbert" => EncoderFamily.DistilBert,
            "roberta" => EncoderFamily.Roberta,
            "mpnet" => EncoderFamily.MpNet,
            _ => throw fields.Wrong("model_type", "bert, distilbert, roberta or mpnet", type),
        };
        if (fields.Text("position_embedding_type") is { } positions and not "absolute")
            throw fields.Wrong("position_embedding_type", "absolute", positions);
        if (fields.Flag("is_decoder", false))
            throw fields.Wrong("is_decoder", "false", "true");
        var distil = family == EncoderFamily.DistilBert;
        var config = new TextEncoderConfig
        {
            Family = family,
            VocabularySize = fields.Count("vocab_size"),
            HiddenSize = fields.Count(distil ? "dim" : "hidden_size"),
            IntermediateSize = fields.Count(distil ? "hidden_dim" : "intermediate_size"),
            Layers = fields.Count(distil ? "n_layers" : "num_hidden_layers"),
            Heads = fields.Count(distil ? "n_heads" : "num_attention_heads"),
            MaxPositions = fields.Count("max_position_embeddings"),
            Segments = family is EncoderFamily.Bert or EncoderFamily.Roberta ? fields.OptionalCount("type_vocab_size") ?? 2 : 0,
            NormEpsilon = (distil ? null : fields.Number("layer_norm_eps")) ?? 1e-12,
            Activation = GateActivations.Read(fields, distil ? "activation" : "hidden_act", GateActivation.Gelu),
            PadTokenId = family == EncoderFamily.MpNet ? 1 : fields.Ids("pad_token_id") is [var pad, ..] ? pad : family == EncoderFamily.Roberta ? 1 : 0,
            DistanceBuckets = family == EncoderFamily.MpNet ? fields.OptionalCount("relative_attention_num_buckets") ?? 32 : 0,
        };
        return config.HiddenSize % config.Heads == 0 ? config
            : throw fields.Wrong(distil ? "n_heads" : "num_attention_heads", $"a divisor of the width {config.HiddenSize}", $"{config.Heads}");
    }
}
