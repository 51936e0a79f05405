using Bft.Research.Verification;

namespace Bft.Research.Tests.Verification;

/// <summary>The proofs of a device pass where arithmetic is right and fail where it is not.</summary>
public class DeviceProofsTests
{
    [Fact]
    public void The_processor_passes_and_leaves_no_tensor()
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        Assert.All(DeviceProofs.Run(torch.CPU, null), proof => Assert.True(proof.Passed, $"{proof.Name}: {proof.Found}"));
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Assert.Equal(3, DeviceProofs.Run(torch.CPU, null).Count());
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_product_in_tf32_or_bfloat16_is_noticed()
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        Assert.True(DeviceProofs.Product(torch.CPU, (a, b) => a.mm(b)).Item1);
        Assert.False(DeviceProofs.Product(torch.CPU, (a, b) => Short(a).mm(Short(b))).Item1);
        Assert.False(DeviceProofs.Product(torch.CPU, (a, b) => a.to(torch.ScalarType.BFloat16).mm(b.to(torch.ScalarType.BFloat16)).to(torch.ScalarType.Float32)).Item1);
        Assert.False(DeviceProofs.Product(torch.CPU, (a, b) => b.mm(a)).Item1);
    }

    [Fact]
    public void A_wrong_gradient_is_noticed()
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        var (loss, exact) = DeviceProofs.Gradients(torch.ScalarType.Float64, torch.CPU);
        Assert.True(DeviceProofs.Compare(loss, exact, loss, exact).Item1);
        Assert.False(DeviceProofs.Compare(loss * 1.001, exact, loss, exact).Item1);
        Assert.False(DeviceProofs.Compare(loss, [.. exact.Select((x, i) => i % 50 == 0 ? 0 : x)], loss, exact).Item1); // the loss alone is right
        var (half, rounded) = DeviceProofs.Gradients(torch.ScalarType.BFloat16, torch.CPU);
        Assert.False(DeviceProofs.Compare(half, rounded, loss, exact).Item1);
    }

    [Fact]
    public void A_device_that_is_not_there_fails_with_its_message()
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        if (torch.cuda.is_available())
            Assert.Skip("this machine has a card");
        Assert.All(DeviceProofs.Run(new torch.Device(DeviceType.CUDA, 0), null), proof =>
        {
            Assert.False(proof.Passed);
            Assert.NotEmpty(proof.Found);
            Assert.DoesNotContain('\n', proof.Found);
        });
    }

    /// <summary>The upper 11 bits of the mantissa (Dekker's splitting), as TF32 takes them.</summary>
    private static Tensor Short(Tensor value)
    {
        var scaled = value * 8193;
        return scaled - (scaled - value);
    }
}
