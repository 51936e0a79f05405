namespace Bft.Research.Models.Encoders;

/// <summary>Names of the tensors of an encoder family, without <c>.weight</c> and <c>.bias</c> and without the prefix of the family.</summary>
internal sealed record EncoderNames(
    string Prefix, string Block, string Query, string Key, string Value, string Output, string AttentionNorm, string Up, string Down, string BlockNorm)
{
    public const string Words = "embeddings.word_embeddings.weight";
    public const string Positions = "embeddings.position_embeddings.weight";
    public const string Segments = "embeddings.token_type_embeddings.weight";
    public const string EmbeddingNorm = "embeddings.LayerNorm";
    public const string Pooler = "pooler.dense";
    public const string DistanceBias = "encoder.relative_attention_bias.weight";

    private static readonly EncoderNames s_bert = new(
        "bert.", "encoder.layer.", "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    public static EncoderNames Of(EncoderFamily family) => family switch
    {
        EncoderFamily.DistilBert => new(
            "distilbert.", "transformer.layer.", "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
            "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"),
        EncoderFamily.MpNet => s_bert with
        {
            Prefix = "mpnet.",
            Query = "attention.attn.q",
            Key = "attention.attn.k",
            Value = "attention.attn.v",
            Output = "attention.attn.o",
            AttentionNorm = "attention.LayerNorm",
        },
        EncoderFamily.Roberta => s_bert with { Prefix = "roberta." },
        _ => s_bert,
    };

    /// <summary>Names and shapes of all tensors of a model; the pooler's are optional and not among them.</summary>
    public IEnumerable<(string Name, long[] Shape)> Shapes(TextEncoderConfig config)
    {
        long width = config.HiddenSize, inner = config.IntermediateSize;
        yield return (Words, [config.VocabularySize, width]);
        yield return (Positions, [config.MaxPositions, width]);
        if (config.Segments > 0)
            yield return (Segments, [config.Segments, width]);
        if (config.DistanceBuckets > 0)
            yield return (DistanceBias, [config.DistanceBuckets, config.Heads]);
        yield return ($"{EmbeddingNorm}.weight", [width]);
        yield return ($"{EmbeddingNorm}.bias", [width]);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            (string, long, long)[] layers =
                [(Query, width, width), (Key, width, width), (Value, width, width), (Output, width, width), (Up, inner, width), (Down, width, inner)];
            foreach (var (name, rows, columns) in layers)
            {
                yield return ($"{Block}{layer}.{name}.weight", [rows, columns]);
                yield return ($"{Block}{layer}.{name}.bias", [rows]);
            }

            foreach (var norm in (string[])[AttentionNorm, BlockNorm])
            {
                yield return ($"{Block}{layer}.{norm}.weight", [width]);
                yield return ($"{Block}{layer}.{norm}.bias", [width]);
            }
        }
    }
}
