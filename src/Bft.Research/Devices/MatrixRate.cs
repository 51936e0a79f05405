using System.Diagnostics;

namespace Bft.Research.Devices;

/// <summary>How fast a device multiplies matrices, measured: what a training step can come near to.</summary>
public static class MatrixRate
{
    private const int ProcessorSize = 1024;
    private const int CardSize = 8192;

    /// <summary>The best of some products of square matrices.</summary>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Type of both factors and the product.</param>
    /// <param name="atLeast">Time spent measuring; at least three products are made after one that does not count.</param>
    /// <returns>Floating-point operations a second, 2n³ a product.</returns>
    public static double Measure(torch.Device device, torch.ScalarType dtype, TimeSpan atLeast) =>
        Measure(device, dtype, atLeast, device.type == DeviceType.CUDA ? CardSize : ProcessorSize);

    internal static double Measure(torch.Device device, torch.ScalarType dtype, TimeSpan atLeast, int size)
    {
        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var factor = torch.ones(size, size, dtype, device);
        void Multiply()
        {
            using var product = factor.mm(factor);
            if (device.type == DeviceType.CUDA)
                torch.cuda.synchronize(device);
        }

        Multiply();
        var best = TimeSpan.MaxValue;
        var all = Stopwatch.StartNew();
        for (var products = 0; products < 3 || all.Elapsed < atLeast; products++)
        {
            var one = Stopwatch.StartNew();
            Multiply();
            best = one.Elapsed < best ? one.Elapsed : best;
        }

        return 2.0 * size * size * size / best.TotalSeconds;
    }
}
