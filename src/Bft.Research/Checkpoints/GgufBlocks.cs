using System.Buffers.Binary;

namespace Bft.Research.Checkpoints;

/// <summary>
/// Turns quantised blocks into float32 values, exactly as ggml's reference functions do: half-precision scales are widened, then multiplied, then
/// added.
/// </summary>
/// <remarks>Supported: Q4_0, Q4_1, Q8_0. A product of a half and a small integer is exact in float32, so only the addition of Q4_1 rounds.</remarks>
internal static class GgufBlocks
{
    private const int Values = 32;

    private delegate void Decoder(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>Whether blocks of the type can be decoded.</summary>
    public static bool Knows(GgufType type) => DecoderOf(type) is not null;

    /// <summary>Decodes whole blocks.</summary>
    /// <param name="type">A type that <see cref="Knows"/> accepts.</param>
    /// <param name="blocks">Stored bytes.</param>
    /// <param name="values">As many values as the blocks hold.</param>
    public static void Decode(GgufType type, ReadOnlySpan<byte> blocks, Span<float> values)
    {
        var decode = DecoderOf(type) ?? throw new ArgumentException($"type: no decoder for {type.Name}.", nameof(type));
        for (var i = 0; i < values.Length / Values; i++)
            decode(blocks.Slice(i * type.BlockBytes, type.BlockBytes), values.Slice(i * Values, Values));
    }

    private static Decoder? DecoderOf(GgufType type) => type.Name switch
    {
        "Q4_0" => DecodeQ40,
        "Q4_1" => DecodeQ41,
        "Q8_0" => DecodeQ80,
        _ => null,
    };

    // d, then 16 bytes: low nibbles are values 0..15, high nibbles values 16..31; value = d (q - 8)
    private static void DecodeQ40(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Half(block);
        for (var j = 0; j < 16; j++)
        {
            values[j] = scale * ((block[2 + j] & 15) - 8);
            values[16 + j] = scale * ((block[2 + j] >> 4) - 8);
        }
    }

    // d, m, then 16 bytes as in Q4_0; value = d q + m
    private static void DecodeQ41(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (scale, least) = (Half(block), Half(block[2..]));
        for (var j = 0; j < 16; j++)
        {
            values[j] = scale * (block[4 + j] & 15) + least;
            values[16 + j] = scale * (block[4 + j] >> 4) + least;
        }
    }

    // d, then 32 signed bytes; value = d q
    private static void DecodeQ80(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Half(block);
        for (var j = 0; j < Values; j++)
            values[j] = scale * (sbyte)block[2 + j];
    }

    private static float Half(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
}
