using Bft.Research.Checkpoints;

namespace Bft.Research.Tests.Checkpoints;

public class GgufFileTests
{
    private static readonly byte[] s_nibbles = [.. Enumerable.Range(0, 16).Select(i => (byte)(i | (15 - i) << 4))];

    private static byte[] Half(double value) => BitConverter.GetBytes((Half)value);

    private static byte[] Sample() => GgufBuilder.Llama().Real("r", 1e-5f).Flag("f", 1).Texts("t", "a", "bc").Integers("i", 1, -2)
        .Floats("output_norm.weight", [3], 1, 2, 3).Tensor("q", 3, [1, 32], [.. Half(0.5), .. Half(-1), .. s_nibbles]).Build();

    [Fact]
    public void Pairs_and_records_are_read()
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["m.gguf"], Sample());
        using var file = GgufFile.Open(folder["m.gguf"]);
        Assert.Equal((1e-5, 1e-5f), (file.Metadata.Decimal("r"), file.Metadata["r"]));
        Assert.NotEqual(1e-5, (double)(float)file.Metadata["r"]!); // the wrong variant: float32 widened
        Assert.True(file.Metadata.Flag("f"));
        Assert.Equal(["a", "bc"], file.Metadata.Texts("t"));
        Assert.Equal([1, -2], file.Metadata.Integers("i"));
        Assert.Equal(2, file.Metadata.Integer("llama.attention.head_count"));
        Assert.Equal(["output_norm.weight F32 3 12", "q Q4_1 1,32 20"], file.Tensors.Select(t => $"{t.Name} {t.Type.Name} {string.Join(',', t.Shape)} {t.Bytes}"));
        Assert.Contains("r: expected a string, actual Single 1E-05", Assert.Throws<CheckpointException>(() => file.Metadata.Text("r")).Message);
        Assert.Contains("t: expected an integer, actual an array of 2 String", Assert.Throws<CheckpointException>(() => file.Metadata.Integer("t")).Message);
    }

    [Fact]
    public void Blocks_hold_the_low_nibbles_first()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        using var file = new GgufBuilder()
            .Tensor("q40", 2, [1, 32], [.. Half(0.25), .. s_nibbles])
            .Tensor("q41", 3, [1, 32], [.. Half(0.5), .. Half(-1), .. s_nibbles])
            .Tensor("q80", 8, [1, 32], [.. Half(2), .. Enumerable.Range(-16, 32).Select(i => (byte)(sbyte)i)])
            .Tensor("f16", 1, [2], [.. Half(1.5), .. Half(-2)])
            .Tensor("bf16", 30, [1], [0xc0, 0x3f]).Open(folder);
        int[] codes = [.. Enumerable.Range(0, 16), .. Enumerable.Range(0, 16).Select(i => 15 - i)];
        Assert.Equal(codes.Select(q => 0.25f * (q - 8)), Read("q40"));
        Assert.Equal(codes.Select(q => 0.5f * q - 1), Read("q41"));
        Assert.Equal(Enumerable.Range(-16, 32).Select(q => 2f * q), Read("q80"));
        Assert.Equal([1.5f, -2f], Read("f16"));
        Assert.Equal([1.5f], Read("bf16"));
        var interleaved = Enumerable.Range(0, 32).Select(i => 0.5f * (i % 2 == 0 ? i / 2 : 15 - i / 2) - 1);
        Assert.NotEqual(interleaved, Read("q41")); // the wrong variant: nibbles read in turn

        float[] Read(string name) => file.Load(name).to(torch.ScalarType.Float32).data<float>().ToArray();
    }

    [Fact]
    public void Large_tensors_are_decoded_chunk_by_chunk()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        const int rows = 5000, blocks = rows * 32;
        var data = new byte[blocks * 34];
        for (var b = 0; b < blocks; b++)
        {
            Half(1).CopyTo(data, b * 34);
            data[b * 34 + 2] = (byte)(b % 100);
        }

        using var file = new GgufBuilder().Tensor("x", 8, [rows, 1024], data).Open(folder);
        var firsts = file.Load("x").view(-1, 32).select(1, 0).contiguous().data<float>().ToArray();
        Assert.Equal(Enumerable.Range(0, blocks).Select(b => (float)(b % 100)), firsts);
    }

    [Fact]
    public void A_type_without_a_decoder_is_refused_by_name()
    {
        using var folder = new ScratchFolder();
        using var file = new GgufBuilder().Tensor("x", 14, [1, 256], new byte[210]).Open(folder);
        Assert.EndsWith("x: expected a type that can be read (F32, F16, BF16, F64, Q4_0, Q4_1, Q8_0), actual Q6_K", Assert.Throws<CheckpointException>(() => file.Load("x")).Message);
        Assert.Contains("expected a known tensor type, actual 99", Assert.Throws<CheckpointException>(() => new GgufBuilder().Tensor("x", 99, [1], [0]).Open(folder)).Message);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new ScratchFolder();
        var whole = Sample();
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder["m.gguf"], whole[..length]);
            Assert.Throws<CheckpointException>(() => GgufFile.Open(folder["m.gguf"]));
        }
    }

    [Fact]
    public void A_flipped_byte_opens_or_is_refused_properly()
    {
        using var folder = new ScratchFolder();
        var whole = Sample();
        var refused = 0;
        for (var at = 0; at < whole.Length - 20; at++)
            foreach (var value in (byte[])[0, 0x7f, 0xff])
            {
                byte[] changed = [.. whole];
                changed[at] = value;
                File.WriteAllBytes(folder["m.gguf"], changed);
                try
                {
                    GgufFile.Open(folder["m.gguf"]).Dispose();
                }
                catch (CheckpointException)
                {
                    refused++;
                }
            }

        Assert.InRange(refused, 300, 3 * whole.Length);
    }

    [Theory]
    [InlineData("general.alignment", "a power of two")]
    [InlineData("dup", "one pair of this key, actual two")]
    public void Pairs_that_cannot_be_are_refused(string key, string message)
    {
        using var folder = new ScratchFolder();
        var builder = new GgufBuilder().Whole(key, 24).Whole("other", 1);
        if (key == "dup")
            builder.Whole(key, 24);
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => builder.Open(folder)).Message);
    }

    [Fact]
    public void A_truth_value_is_0_or_1_and_big_endian_is_named()
    {
        using var folder = new ScratchFolder();
        Assert.Contains("a truth value, 0 or 1, actual 2", Assert.Throws<CheckpointException>(() => new GgufBuilder().Flag("f", 2).Open(folder)).Message);
        Assert.Contains("little endian, actual 50331648", Assert.Throws<CheckpointException>(() => new GgufBuilder { Version = 0x03000000 }.Open(folder)).Message);
        Assert.Contains("blocks of 32 values, actual rows of 16", Assert.Throws<CheckpointException>(() => new GgufBuilder().Tensor("x", 8, [2, 16], new byte[34]).Open(folder)).Message);
    }
}
