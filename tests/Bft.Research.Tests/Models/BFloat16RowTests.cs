using Bft.Research.Models;

namespace Bft.Research.Tests.Models;

public class BFloat16RowTests
{
    private const torch.ScalarType Half = torch.ScalarType.BFloat16;

    [Theory]
    [InlineData(1, 64, false)]
    [InlineData(7, 96, true)]
    [InlineData(2049, 576, true)] // enough bytes for several workers, and rows that four does not divide
    public void The_product_is_the_exact_one_rounded_once(int rows, int columns, bool biased)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var generator = new torch.Generator(5);
        Tensor Draw(params long[] shape) => torch.randn(shape, generator: generator).to(Half);
        Tensor x = Draw(1, 1, columns), weight = Draw(rows, columns), bias = Draw(rows);
        Assert.True(BFloat16Row.Fits(x, weight));
        var found = BFloat16Row.Multiply(x, weight, biased ? bias : null);
        var exact = torch.nn.functional.linear(x.to(torch.ScalarType.Float64), weight.to(torch.ScalarType.Float64), biased ? bias.to(torch.ScalarType.Float64) : null);
        Assert.Equal([1, 1, rows], found.shape);
        Assert.Equal(Half, found.dtype);
        Assert.True(Error(found, exact) <= 1.01 / 256, $"{Error(found, exact)}"); // half a unit in the last place is 2⁻⁹ of the value, or 2⁻⁸ just above a power of two

        var wrong = BFloat16Row.Multiply(x, weight.roll(1, 1), biased ? bias : null); // wrong: the halves of a word swapped
        Assert.True(Error(wrong, exact) > 0.1);
    }

    [Fact]
    public void Rounding_goes_to_nearest_with_ties_to_even_and_keeps_what_is_not_finite()
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var ones = torch.zeros([1, 32]);
        ones[0, 0] = torch.tensor(1f);
        ones[0, 1] = torch.tensor(1f);
        float[] first = [1, 1, 256, 256, float.PositiveInfinity, float.NegativeInfinity, -1], second = [1f / 256, 3f / 256, 1, 3, 1, float.PositiveInfinity, 1f / 512];
        var weight = torch.zeros([first.Length, 32]);
        for (var i = 0; i < first.Length; i++)
            (weight[i, 0], weight[i, 1]) = (torch.tensor(first[i]), torch.tensor(second[i]));
        var found = BFloat16Row.Multiply(ones.to(Half), weight.to(Half), null).to(torch.ScalarType.Float32).data<float>().ToArray();
        float[] expected = [.. first.Zip(second, (a, b) => torch.tensor(a + b).to(Half).to(torch.ScalarType.Float32).item<float>())];
        Assert.Equal(expected, found);
        Assert.Equal([1f, 1.015625f, 256f, 260f], found[..4]);
    }

    [Fact]
    public void It_stands_in_only_where_it_may()
    {
        using var scope = torch.NewDisposeScope();
        Tensor x = torch.ones([1, 64], Half), weight = torch.ones([8, 64], Half);
        Assert.False(BFloat16Row.Fits(x, weight)); // a graph may be wanted
        using var off = torch.no_grad();
        Assert.True(BFloat16Row.Fits(x, weight));
        Assert.False(BFloat16Row.Fits(torch.ones([2, 64], Half), weight));
        Assert.False(BFloat16Row.Fits(x.to(torch.ScalarType.Float32), weight.to(torch.ScalarType.Float32)));
        Assert.False(BFloat16Row.Fits(torch.ones([1, 8], Half), weight.t()));
        Assert.False(BFloat16Row.Fits(torch.ones([1, 6], Half), torch.ones([8, 6], Half)));
    }

    [Fact]
    public void A_bfloat16_decoder_decodes_as_it_reads()
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var model = CausalLm.Create(TinyDecoder.Config() with { HiddenSize = 64, IntermediateSize = 96, HeadDim = 16 }, 3, Half);
        var ids = TinyDecoder.Ids(1, 6);
        var whole = model.Logits(model.Hidden(ids));
        using var cache = new KeyValueCache(model, 1, 6);
        for (var t = 0; t < 6; t++)
        {
            using var context = model.NewContext(1, 1, cache: cache);
            var one = model.Logits(model.Hidden(ids.narrow(1, t, 1), context));
            Assert.True(TinyDecoder.Distance(whole.narrow(1, t, 1), one) < 0.1 * whole.to(torch.ScalarType.Float32).std().ToDouble());
        }
    }

    /// <summary>Largest error relative to the size of the value, at least to that of a typical one.</summary>
    private static double Error(Tensor found, Tensor exact) =>
        ((found.to(torch.ScalarType.Float64) - exact).abs() / exact.abs().clamp_min(1)).max().ToDouble();
}
