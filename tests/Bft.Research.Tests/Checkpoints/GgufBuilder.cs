using System.Text;
using Bft.Research.Checkpoints;

namespace Bft.Research.Tests.Checkpoints;

/// <summary>Writes small GGUF files for tests, straight from the description of the format.</summary>
internal sealed class GgufBuilder
{
    private readonly List<(string Key, Action<BinaryWriter> Value)> _pairs = [];
    private readonly List<(string Name, uint Type, long[] Shape, byte[] Data)> _tensors = [];

    public uint Version { get; set; } = 3;

    /// <summary>A tiny llama: 2 heads of 4 rows, 1 key-value head.</summary>
    public static GgufBuilder Llama() => new GgufBuilder()
        .Text("general.architecture", "llama").Whole("llama.attention.head_count", 2).Whole("llama.attention.head_count_kv", 1);

    /// <summary>A tiny llama that can be converted: configuration, tokenizer, some weights.</summary>
    public static GgufBuilder Tiny(string pre = "gpt-2", bool withHead = false)
    {
        float[] rows = [.. Enumerable.Range(0, 8).Select(i => (float)i)];
        var builder = Llama()
            .Whole("llama.embedding_length", 1).Whole("llama.feed_forward_length", 2).Whole("llama.context_length", 64).Whole("llama.block_count", 1)
            .Whole("llama.rope.dimension_count", 4).Real("llama.rope.freq_base", 500000).Real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Text("tokenizer.ggml.model", "gpt2").Text("tokenizer.ggml.pre", pre).Whole("tokenizer.ggml.bos_token_id", 0)
            .Texts("tokenizer.ggml.tokens", "<s>", "a", "b", "ab", "[PAD4]").Integers("tokenizer.ggml.token_type", 3, 1, 1, 1, 5)
            .Texts("tokenizer.ggml.merges", "a b")
            .Floats("token_embd.weight", [5, 1], 1, 2, 3, 4, 5)
            .Floats("blk.0.attn_q.weight", [8, 1], rows).Floats("blk.0.attn_k.weight", [4, 1], rows[..4]).Floats("blk.0.attn_v.weight", [4, 1], rows[..4])
            .Floats("blk.0.attn_q.bias", [8], rows);
        return withHead ? builder.Floats("output.weight", [5, 1], 5, 4, 3, 2, 1) : builder;
    }

    public GgufBuilder Text(string key, string value) => Pair(key, 8, w => WriteText(w, value));

    public GgufBuilder Whole(string key, uint value) => Pair(key, 4, w => w.Write(value));

    public GgufBuilder Real(string key, float value) => Pair(key, 6, w => w.Write(value));

    public GgufBuilder Flag(string key, byte value) => Pair(key, 7, w => w.Write(value));

    public GgufBuilder Texts(string key, params string[] values) => Pair(key, 9, w =>
    {
        w.Write(8u);
        w.Write((ulong)values.Length);
        foreach (var value in values)
            WriteText(w, value);
    });

    public GgufBuilder Integers(string key, params int[] values) => Pair(key, 9, w =>
    {
        w.Write(5u);
        w.Write((ulong)values.Length);
        foreach (var value in values)
            w.Write(value);
    });

    public GgufBuilder Floats(string name, long[] shape, params float[] values) =>
        Tensor(name, 0, shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>A tensor of stored bytes; the shape is row-major.</summary>
    public GgufBuilder Tensor(string name, uint type, long[] shape, byte[] data)
    {
        _tensors.Add((name, type, shape, data));
        return this;
    }

    public byte[] Build()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Encoding.ASCII.GetBytes("GGUF"));
        writer.Write(Version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_pairs.Count);
        foreach (var (key, value) in _pairs)
        {
            WriteText(writer, key);
            value(writer);
        }

        var offset = 0L;
        foreach (var (name, type, shape, data) in _tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var dimension in shape.Reverse())
                writer.Write(dimension);
            writer.Write(type);
            writer.Write(offset);
            offset += (data.Length + 31) / 32 * 32;
        }

        foreach (var (_, _, _, data) in _tensors)
        {
            writer.Write(new byte[(32 - stream.Length % 32) % 32]);
            writer.Write(data);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public GgufFile Open(ScratchFolder folder)
    {
        File.WriteAllBytes(folder["m.gguf"], Build());
        return GgufFile.Open(folder["m.gguf"]);
    }

    private GgufBuilder Pair(string key, uint type, Action<BinaryWriter> value)
    {
        _pairs.Add((key, w =>
        {
            w.Write(type);
            value(w);
        }
        ));
        return this;
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
