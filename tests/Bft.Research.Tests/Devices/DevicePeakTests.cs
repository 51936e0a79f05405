using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>Peaks of cards by their exact names, and none for those that are not known.</summary>
public class DevicePeakTests
{
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", 989.4)]
    [InlineData("NVIDIA H100 PCIe", 756.4)] // the wrong variant takes any H100 for the fastest
    [InlineData("NVIDIA H200", 989.4)]
    [InlineData("NVIDIA A100-SXM4-80GB", 312)]
    [InlineData("NVIDIA A100 80GB PCIe", 312)]
    [InlineData("NVIDIA A10G", 70)]
    [InlineData("NVIDIA A10", 125)]
    [InlineData("NVIDIA L4", 121)]
    [InlineData("NVIDIA L40S", 362.05)]
    [InlineData("NVIDIA B200", 2250)]
    [InlineData("NVIDIA GeForce RTX 4090", 165.2)]
    public void Cards_have_the_dense_figure_of_their_data_sheet(string name, double teraflops)
    {
        var peak = DevicePeak.OfCard(name, torch.ScalarType.BFloat16, tf32: false);
        Assert.Equal(teraflops * 1e12, peak.FlopsPerSecond!.Value, 1e6);
        Assert.Matches(@"TFLOP/s dense bfloat16, NVIDIA .+, looked up 20\d\d-\d\d-\d\d$", peak.Source);
    }

    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3 MIG 1g.10gb")]
    [InlineData("NVIDIA GeForce RTX 3090 Ti")]
    [InlineData("NVIDIA GeForce RTX 4090 Laptop GPU")]
    [InlineData("AMD Instinct MI300X")]
    [InlineData("")]
    public void A_card_that_is_not_known_has_no_peak(string name)
    {
        var peak = DevicePeak.OfCard(name, torch.ScalarType.BFloat16, tf32: false);
        Assert.Null(peak.FlopsPerSecond);
        Assert.Contains("not in the table", peak.Source);
    }

    [Fact]
    public void Precision_and_tf32_choose_the_column()
    {
        const string card = "NVIDIA A100-SXM4-80GB";
        Assert.Equal(19.5e12, DevicePeak.OfCard(card, torch.ScalarType.Float32, tf32: false).FlopsPerSecond);
        Assert.Equal(156e12, DevicePeak.OfCard(card, torch.ScalarType.Float32, tf32: true).FlopsPerSecond);
        Assert.Equal(312e12, DevicePeak.OfCard(card, torch.ScalarType.BFloat16, tf32: true).FlopsPerSecond); // TF32 is about float32 alone
        Assert.Null(DevicePeak.OfCard(card, torch.ScalarType.Float64, tf32: false).FlopsPerSecond);
        Assert.Null(DevicePeak.OfCard("Tesla T4", torch.ScalarType.BFloat16, tf32: false).FlopsPerSecond); // it has none
        Assert.Contains("does not name", DevicePeak.OfCard(null, torch.ScalarType.BFloat16, tf32: false).Source);
    }

    [Fact]
    public void The_rate_of_the_processor_is_measured_and_says_so()
    {
        NativeLibraries.EnsureLoaded();
        var rate = MatrixRate.Measure(torch.CPU, torch.ScalarType.Float32, TimeSpan.Zero, 128);
        Assert.InRange(rate, 1e7, 1e14);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        MatrixRate.Measure(torch.CPU, torch.ScalarType.Float32, TimeSpan.Zero, 128);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.StartsWith("measured", DevicePeak.Of(new("cpu", ""), torch.ScalarType.Float32).Source);
    }
}
