using Bft.Research.Models.Gradients;
using static Bft.Research.Tests.Training.TinyModel;
using static TorchSharp.torch.nn;

namespace Bft.Research.Tests.Models.Gradients;

public class RowKernelsTests
{
    private const double Epsilon = 1e-5;

    public RowKernelsTests() => Bft.Research.Devices.NativeLibraries.EnsureLoaded();

    [Theory]
    [InlineData(torch.ScalarType.Float64, 37, 1e-12)]
    [InlineData(torch.ScalarType.Float64, 64, 1e-12)]
    [InlineData(torch.ScalarType.Float32, 37, 1e-5)]
    [InlineData(torch.ScalarType.Float32, 64, 1e-5)]
    public void A_norm_and_its_gradients_are_those_of_autograd(torch.ScalarType dtype, int width, double largest)
    {
        using var scope = torch.NewDisposeScope();
        var kernels = Kernels(dtype);
        Tensor x = Draw(5, width, 1), w = Draw(1, width, 2).view(-1), dy = Draw(5, width, 3);
        Tensor ours = torch.zeros(5, width, dtype), dx = torch.ones(5, width, dtype), dw = torch.zeros(5, width, dtype);
        kernels.Norm(x.to(dtype), w.to(dtype), Epsilon, ours);
        kernels.NormBackward(x.to(dtype), w.to(dtype), Epsilon, dy.to(dtype), dx);
        kernels.NormWeightGradients(x.to(dtype), Epsilon, dy.to(dtype), dw);
        x.requires_grad_(true);
        w.requires_grad_(true);
        var y = x / (x.square().mean([-1], keepdim: true) + Epsilon).sqrt() * w;
        y.backward([dy]);
        Near(y, ours, largest);
        Near(x.grad! + 1, dx, largest); // added to what was there
        Near(w.grad!, dw.sum([0]), largest);
        var wrong = torch.zeros(5, width, dtype);
        kernels.Norm(x.detach().to(dtype), w.detach().to(dtype), 0.1, wrong);
        Assert.True(Distance(Doubles(y), Doubles(wrong)) > 10 * largest, "another epsilon is found");
    }

    [Theory]
    [InlineData(torch.ScalarType.Float64, 1e-13)]
    [InlineData(torch.ScalarType.Float32, 1e-5)]
    public void Gating_and_its_gradients_are_those_of_autograd_also_far_out(torch.ScalarType dtype, double largest)
    {
        using var scope = torch.NewDisposeScope();
        var kernels = Kernels(dtype);
        Tensor gate = Draw(3, 37, 1) * 3, up = Draw(3, 37, 2), dm = Draw(3, 37, 3);
        gate.index_put_(torch.tensor(new[] { -800.0, 800, -90, 90 }), torch.zeros(4, torch.ScalarType.Int64), torch.tensor(new long[] { 0, 1, 2, 36 }));
        var (g, u, d, product) = (gate.to(dtype, copy: true), up.to(dtype, copy: true), dm.to(dtype, copy: true), torch.zeros(3, 37, dtype));
        kernels.Gate(g, u, product);
        kernels.GateBackward(g, u, d);
        gate.requires_grad_(true);
        up.requires_grad_(true);
        var y = functional.silu(gate) * up;
        y.backward([dm]);
        Near(y, product, largest * 100); // values up to 800
        Near(y, d, largest * 100);
        Near(gate.grad!, g, largest * 100);
        Near(up.grad!, u, largest * 100);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float64, 6)]
    [InlineData(torch.ScalarType.Float64, 32)]
    [InlineData(torch.ScalarType.Float32, 64)]
    public void Rotation_is_the_formula_and_its_way_back_the_transpose(torch.ScalarType dtype, int head)
    {
        using var scope = torch.NewDisposeScope();
        var kernels = Kernels(dtype);
        Tensor x = Draw(8, 3 * head, 1).to(dtype), cos = Draw(4, head, 2).to(dtype), sin = Draw(4, head, 3).to(dtype), g = Draw(8, 3 * head, 4).to(dtype);
        var heads = x.view(2, 4, 3, head);
        var expected = heads * cos.unsqueeze(1) + heads.roll(head / 2, -1) * sin.unsqueeze(1);
        Tensor turned = x.clone(), back = g.clone();
        kernels.Rotate(turned, cos, sin, back: false);
        kernels.Rotate(back, cos, sin, back: true);
        Near(expected.view(8, -1), turned, 1e-5);
        Assert.Equal((turned * g).sum().to(torch.ScalarType.Float64).ToDouble(), (x * back).sum().to(torch.ScalarType.Float64).ToDouble(), 1e-3);
        var wrong = g.clone();
        kernels.Rotate(wrong, cos, sin, back: false);
        Assert.True(Distance(Doubles(back), Doubles(wrong)) > 0.1, "the way back is not the way there");
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        using var scope = torch.NewDisposeScope();
        var kernels = Kernels(torch.ScalarType.Float32);
        Tensor gate = Draw(700, 96, 1).to(torch.ScalarType.Float32), up = Draw(700, 96, 2).to(torch.ScalarType.Float32);
        Tensor one = torch.zeros_like(gate), three = torch.zeros_like(gate);
        var threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            kernels.Gate(gate, up, one);
            torch.set_num_threads(3);
            kernels.Gate(gate, up, three);
        }
        finally
        {
            torch.set_num_threads(threads);
        }

        Assert.True(one.eq(three).all().ToBoolean());
    }

    [Fact]
    public void What_is_not_a_contiguous_matrix_of_the_dtype_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        var kernels = Kernels(torch.ScalarType.Float32);
        var matrix = torch.zeros(4, 4);
        Assert.Throws<ArgumentException>(() => kernels.Gate(matrix.t(), matrix, matrix));
        Assert.Throws<ArgumentException>(() => kernels.Gate(matrix.to(torch.ScalarType.Float64), matrix, matrix));
    }

    private static IRowKernels Kernels(torch.ScalarType dtype) => dtype == torch.ScalarType.Float64 ? new RowKernels<double>() : new RowKernels<float>();

    private static Tensor Draw(int rows, int width, ulong seed)
    {
        using var generator = new torch.Generator(seed, torch.CPU);
        return torch.randn([rows, width], torch.ScalarType.Float64, generator: generator);
    }

    private static void Near(Tensor expected, Tensor actual, double largest) =>
        Assert.True(Distance(Doubles(expected), Doubles(actual)) <= largest, $"largest deviation {Distance(Doubles(expected), Doubles(actual)):g3}");
}
