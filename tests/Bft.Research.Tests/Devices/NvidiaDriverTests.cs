using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>What is read from the driver's libraries, through functions with their real layouts.</summary>
[Collection(nameof(MadeUpDriver))]
public class NvidiaDriverTests
{
    [Fact]
    public void Cards_come_in_the_order_of_cuda_with_the_memory_of_nvml()
    {
        MadeUpDriver.Now = new();
        var driver = new NvidiaDriver(MadeUpDriver.Libraries());
        var cards = driver.Cards();
        Assert.Equal(["NVIDIA H100 80GB HBM3", "Tesla T4"], cards.Select(c => c.Name));
        Assert.Equal([0, 1], cards.Select(c => c.Ordinal!.Value));
        Assert.Equal([new Version(9, 0), new Version(7, 5)], cards.Select(c => c.ComputeCapability));
        Assert.Equal(new GpuMemory(80_000_000_000, 20_000_000_000, 60_000_000_000), cards[0].Memory);
        // The wrong variant takes NVML's own numbers for CUDA's: the small card's memory for cuda:0.
        Assert.NotEqual(driver.Nvml!.Cards()[0].Memory, cards[0].Memory);
        Assert.Equal(("570.86.15", new Version(12, 8)), (driver.Nvml.DriverVersion, driver.Nvml.CudaVersion));
    }

    [Fact]
    public void A_hidden_card_has_no_number()
    {
        MadeUpDriver.Now = new() { HidesSmall = true };
        var cards = new NvidiaDriver(MadeUpDriver.Libraries()).Cards();
        Assert.Equal(2, cards.Count);
        Assert.Equal((0, null), (cards[0].Ordinal, cards[1].Ordinal));
        Assert.Equal("Tesla T4", cards[1].Name);
    }

    [Fact]
    public void A_process_is_found_by_its_number()
    {
        MadeUpDriver.Now = new();
        var driver = new NvidiaDriver(MadeUpDriver.Libraries());
        Assert.Equal(3_000_000_000, driver.ProcessBytes(MadeUpDriver.Large, MadeUpDriver.Process));
        Assert.Null(driver.ProcessBytes(MadeUpDriver.Large, 18)); // listed, but the driver does not know how much
        Assert.Null(driver.ProcessBytes(MadeUpDriver.Large, 1));
        Assert.Null(driver.ProcessBytes("GPU-x", MadeUpDriver.Process));
        Assert.Null(driver.Memory("GPU-x"));
    }

    [Fact]
    public void A_library_that_does_not_start_says_why()
    {
        MadeUpDriver.Now = new() { NvmlInit = NvmlLibrary.VersionMismatch, CudaInit = CudaDriverLibrary.NotYetInitialised };
        var driver = new NvidiaDriver(MadeUpDriver.Libraries());
        Assert.True(driver is { HasNvml: true, Nvml: null, HasCuda: true, Cuda: null });
        Assert.Equal((18, 802), (driver.NvmlProblem!.Code, driver.CudaProblem!.Code));
        Assert.Contains("nvmlInit_v2: Driver/library version mismatch", driver.NvmlProblem.Message);
        Assert.Empty(driver.Cards());

        MadeUpDriver.Now = new();
        var absent = new NvidiaDriver(_ => null);
        Assert.True(absent is { HasNvml: false, HasCuda: false });
        Assert.Empty(absent.Cards());
        var old = Assert.Throws<DriverException>(() => new NvmlLibrary(MadeUpDriver.Without("nvmlSystemGetCudaDriverVersion_v2")).CudaVersion);
        Assert.Equal(DriverException.FunctionMissing, old.Code);
    }

    [Fact]
    public void A_library_without_the_functions_is_no_driver()
    {
        Assert.Null(DriverLibrary.Open("libnone-of-this-name.so.1"));
        var libc = DriverLibrary.Open("libc.so.6");
        Assert.NotNull(libc);
        Assert.NotEqual(0, libc("getpid"));
        Assert.Equal(DriverException.FunctionMissing, new NvidiaDriver(_ => libc).NvmlProblem!.Code);
    }
}

/// <summary>Tests that set what the made-up driver answers do not run beside each other.</summary>
[CollectionDefinition(nameof(MadeUpDriver))]
public sealed class MadeUpDriverCollection;
