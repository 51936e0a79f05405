using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;

namespace Bft.Research.Models.Encoders;

/// <summary>Texts to vectors, as a sentence-transformers folder describes: tokenizer, encoder, pooling, normalisation.</summary>
/// <remarks>Reference: sentence-transformers 6, both layouts of its folders. Other modules than these three are an error.</remarks>
public sealed class SentenceEncoder : IDisposable
{
    private static readonly Dictionary<string, Pooling> s_poolings = new(StringComparer.Ordinal)
    {
        ["cls"] = Pooling.Cls,
        ["mean"] = Pooling.Mean,
        ["mean_sqrt_len_tokens"] = Pooling.MeanSqrtLength,
        ["max"] = Pooling.Max,
        ["lasttoken"] = Pooling.LastToken,
    };

    private static readonly Dictionary<string, Pooling> s_flags = new(StringComparer.Ordinal)
    {
        ["pooling_mode_cls_token"] = Pooling.Cls,
        ["pooling_mode_mean_tokens"] = Pooling.Mean,
        ["pooling_mode_mean_sqrt_len_tokens"] = Pooling.MeanSqrtLength,
        ["pooling_mode_max_tokens"] = Pooling.Max,
        ["pooling_mode_lasttoken"] = Pooling.LastToken,
    };

    private SentenceEncoder(HfTokenizer tokenizer, TextEncoder encoder, Pooling pooling, bool normalise, int maxLength) =>
        (Tokenizer, Encoder, Pooling, Normalises, MaxLength) = (tokenizer, encoder, pooling, normalise, maxLength);

    /// <summary>Tokenizer.</summary>
    public HfTokenizer Tokenizer { get; }

    /// <summary>Encoder; owned.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>How hidden states become a vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>Whether vectors have length 1.</summary>
    public bool Normalises { get; }

    /// <summary>Tokens, special ones included, after which a text is cut.</summary>
    public int MaxLength { get; }

    /// <summary>Loads a folder with modules.json.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="dtype">Dtype of the encoder.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <exception cref="CheckpointException">A file or field is absent or unsupported.</exception>
    public static SentenceEncoder Load(string folder, torch.ScalarType dtype = torch.ScalarType.Float32, torch.Device? device = null)
    {
        var (pooling, normalise) = ReadModules(Path.Combine(folder, "modules.json"));
        return new(HfTokenizer.Load(folder), TextEncoder.Load(folder, dtype, device), pooling, normalise, ReadMaxLength(folder));
    }

    /// <summary>Ids of a text, special tokens included, cut to <see cref="MaxLength"/>.</summary>
    public TokenEncoding Tokenize(string text) => Tokenizer.Encode(text, new EncodeOptions { Truncation = new() { MaxLength = MaxLength } });

    /// <summary>Vectors of texts. An empty text has one too: that of its special tokens.</summary>
    /// <param name="texts">Texts.</param>
    /// <param name="rowsPerBatch">Texts that go through the encoder together; texts of similar length meet.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <returns>[texts][D], in order, widened to float64.</returns>
    public double[][] Encode(IReadOnlyList<string> texts, int rowsPerBatch = 16, CancellationToken cancellationToken = default) =>
        Encode([.. texts.Select(text => Tokenize(text).Ids)], Normalises, rowsPerBatch, cancellationToken);

    /// <summary>Vectors of tokenised texts.</summary>
    internal double[][] Encode(IReadOnlyList<int[]> texts, bool normalise, int rowsPerBatch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerBatch, 1);
        var vectors = new double[texts.Count][];
        foreach (var batch in Enumerable.Range(0, texts.Count).OrderByDescending(i => texts[i].Length).Chunk(rowsPerBatch))
        {
            StopPoint.Pass(cancellationToken);
            using var scope = torch.NewDisposeScope();
            int length = batch.Max(i => texts[i].Length), width = Encoder.Config.HiddenSize;
            long[] shape = [batch.Length, length];
            var ids = torch.tensor([.. batch.SelectMany(i => Padded(texts[i], length))], shape, device: Encoder.Device);
            var mask = torch.tensor([.. batch.SelectMany(i => Enumerable.Range(0, length).Select(t => t < texts[i].Length))], shape, device: Encoder.Device);
            var pooled = Pooling.Pool(Encoder.Hidden(ids, mask), mask, normalise).to(torch.ScalarType.Float64).cpu().data<double>().ToArray();
            for (var row = 0; row < batch.Length; row++)
                vectors[batch[row]] = pooled[(row * width)..((row + 1) * width)];
        }

        return vectors;
    }

    /// <inheritdoc/>
    public void Dispose() => Encoder.Dispose();

    private IEnumerable<long> Padded(int[] ids, int length) =>
        ids.Select(id => (long)id).Concat(Enumerable.Repeat(Encoder.Config.PadTokenId, length - ids.Length));

    private static (Pooling Pooling, bool Normalise) ReadModules(string file)
    {
        if (!File.Exists(file))
            throw new CheckpointException(file, "file", "a list of modules", "nothing");
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        (Pooling? pooling, var normalise) = (null, false);
        foreach (var module in document.RootElement.EnumerateArray())
        {
            string type = module.GetProperty("type").GetString()!, kind = type[(type.LastIndexOf('.') + 1)..];
            if (kind == "Pooling")
                pooling = ReadPooling(Path.Combine(Path.GetDirectoryName(file)!, module.GetProperty("path").GetString()!, CausalLmConfig.FileName));
            else if (kind == "Normalize")
                normalise = true;
            else if (kind != "Transformer")
                throw new CheckpointException(file, "type", "Transformer, Pooling or Normalize", type);
        }

        return (pooling ?? throw new CheckpointException(file, "type", "a Pooling module", "none"), normalise);
    }

    private static Pooling ReadPooling(string file)
    {
        var fields = ConfigFields.Read(file);
        if (fields.Text("pooling_mode") is { } mode)
            return s_poolings.TryGetValue(mode, out var named) ? named : throw fields.Wrong("pooling_mode", string.Join(", ", s_poolings.Keys), mode);
        var set = s_flags.Where(flag => fields.Flag(flag.Key, false)).ToList();
        return set.Count == 1 ? set[0].Value : throw fields.Wrong("pooling_mode", $"one of the flags {string.Join(", ", s_flags.Keys)}", $"{set.Count} of them");
    }

    /// <summary>max_seq_length of the older layout wins over model_max_length of the tokenizer.</summary>
    private static int ReadMaxLength(string folder)
    {
        var older = Path.Combine(folder, "sentence_bert_config.json");
        if (File.Exists(older) && ConfigFields.Read(older).OptionalCount("max_seq_length") is { } length)
            return length;
        return ConfigFields.Read(Path.Combine(folder, "tokenizer_config.json")).Count("model_max_length");
    }
}
