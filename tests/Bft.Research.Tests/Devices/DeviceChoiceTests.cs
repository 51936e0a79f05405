using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>Which device is taken, and why, on machines that are not there.</summary>
[Collection(nameof(MadeUpDriver))]
public class DeviceChoiceTests
{
    private static Machine With(int cards, bool cuda = true) => new()
    {
        Driver = () => new(MadeUpDriver.Libraries()),
        Libtorch = () => new("2.10.0", "/lib", cuda, cuda ? "12.8" : null, cards),
        ProcessId = MadeUpDriver.Process,
    };

    [Fact]
    public void The_card_with_the_most_free_memory_is_taken()
    {
        MadeUpDriver.Now = new();
        var choice = DeviceChoice.Pick("auto", 0, With(2));
        Assert.Equal("cuda:0", choice.Name);
        Assert.Equal("cuda:0 (NVIDIA H100 80GB HBM3) has 60.0 GB of 80.0 GB free, the most of 2 cards", choice.Reason);
        Assert.Equal(MadeUpDriver.Large, choice.Card!.Uuid);
        Assert.Equal("NVIDIA H100 80GB HBM3", choice.Hardware); // the wrong variant records the processor beside the card

        MadeUpDriver.Now = new() { LargeFree = 2_000_000_000 };
        Assert.Equal("cuda:1", DeviceChoice.Pick("auto", 0, With(2)).Name); // the wrong variant takes the first, or the largest
    }

    [Fact]
    public void A_card_without_room_is_not_taken_unless_it_is_asked_for()
    {
        MadeUpDriver.Now = new() { LargeFree = 2_000_000_000, SmallFree = 1_000_000_000 };
        var choice = DeviceChoice.Pick("auto", 8_000_000_000, With(2));
        Assert.Equal(("cpu", "cuda:0 (NVIDIA H100 80GB HBM3) has 2.0 GB of 80.0 GB free, 8.0 GB are needed; no other card has more"), (choice.Name, choice.Reason));
        var wanted = DeviceChoice.Pick("cuda:1", 8_000_000_000, With(2));
        Assert.Equal(("cuda:1", "asked for; 1.0 GB of 16.0 GB free, 8.0 GB are needed"), (wanted.Name, wanted.Reason));

    }

    [Fact]
    public void Without_a_card_the_reason_is_the_build_or_the_machine()
    {
        MadeUpDriver.Now = new();
        Assert.Equal(new("cpu", "this build has libtorch for the CPU"), DeviceChoice.Pick("auto", 0, With(0, cuda: false)));
        Assert.Equal(new("cpu", "libtorch sees no card"), DeviceChoice.Pick("auto", 0, With(0)));
        Assert.Equal(new("cpu", "asked for"), DeviceChoice.Pick("cpu", 0, With(2)));
        var untold = With(1) with { Driver = () => new(_ => null) };
        Assert.Equal(("cuda:0", "the first card; the driver does not tell free memory"), (DeviceChoice.Pick("auto", 0, untold).Name, DeviceChoice.Pick("auto", 0, untold).Reason));
        Assert.StartsWith("a CUDA card", DeviceChoice.Pick("auto", 0, untold).Hardware, StringComparison.Ordinal);
        Assert.Equal(Processor.Describe(), DeviceChoice.Pick("auto", 0, With(0)).Hardware);
    }

    [Theory]
    [InlineData("cuda:2", 2, "device: 'cuda:2' is not there: libtorch sees 2 cards, cuda:0 to cuda:1")]
    [InlineData("cuda", 0, "device: 'cuda' is not there: libtorch sees no card")]
    [InlineData("gpu", 2, "device: expected auto, cpu, cuda or cuda:N, actual 'gpu'")]
    [InlineData("cuda:-1", 2, "device: expected auto, cpu, cuda or cuda:N, actual 'cuda:-1'")]
    [InlineData("cuda: 1", 2, "device: expected auto, cpu, cuda or cuda:N, actual 'cuda: 1'")]
    public void A_device_that_is_not_there_is_an_error(string wanted, int cards, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => DeviceChoice.Pick(wanted, 0, With(cards))).Message);

    [Fact]
    public void Precision_follows_the_card_or_a_measurement()
    {
        MadeUpDriver.Now = new();
        var large = DeviceChoice.Pick("cuda:0", 0, With(2));
        var small = DeviceChoice.Pick("cuda:1", 0, With(2));
        using var plain = new MadeUpFiles(("proc/cpuinfo", "flags\t\t: fpu avx2 avx512f\n"));
        using var modern = new MadeUpFiles(("proc/cpuinfo", "flags\t\t: fpu avx512_bf16 amx_tile\n"));
        double Never(torch.ScalarType dtype) => throw new InvalidOperationException("nothing is to be measured");
        double Fast(torch.ScalarType dtype) => dtype == torch.ScalarType.BFloat16 ? 3e11 : 1e11;
        double Slow(torch.ScalarType dtype) => dtype == torch.ScalarType.BFloat16 ? 1.1e11 : 1e11;
        Assert.Equal(new(torch.ScalarType.BFloat16, "compute capability 9.0 has units for bfloat16"), PrecisionChoice.Pick("auto", large, plain.Files, Never));
        Assert.Equal(torch.ScalarType.Float32, PrecisionChoice.Pick("auto", small, plain.Files, Never).Dtype);
        Assert.Equal(torch.ScalarType.Float32, PrecisionChoice.Pick("auto", new("cpu", ""), plain.Files, Never).Dtype);
        Assert.Equal(new(torch.ScalarType.BFloat16, "bfloat16 products measured at 3.0 times the speed of float32"), PrecisionChoice.Pick("auto", new("cpu", ""), modern.Files, Fast));
        Assert.Equal(torch.ScalarType.Float32, PrecisionChoice.Pick("auto", new("cpu", ""), modern.Files, Slow).Dtype); // the flag alone is not enough
        Assert.Equal(torch.ScalarType.Float64, PrecisionChoice.Pick("float64", large, plain.Files, Never).Dtype);
        Assert.Contains("actual 'fp16'", Assert.Throws<ArgumentException>(() => PrecisionChoice.Pick("fp16", large)).Message);
    }

    [Fact]
    public void Tf32_is_a_switch_of_the_process()
    {
        NativeLibraries.EnsureLoaded();
        PrecisionChoice.AllowTf32(true);
        Assert.True(torch.backends.cuda.matmul.allow_tf32 && torch.backends.cudnn.allow_tf32);
        PrecisionChoice.AllowTf32(false);
        Assert.False(torch.backends.cuda.matmul.allow_tf32 || torch.backends.cudnn.allow_tf32);
    }

    [Fact]
    public void Repeatable_results_on_a_card_need_a_variable_set_before()
    {
        DeviceChoice card = new("cuda:0", ""), processor = new("cpu", "");
        Assert.True(Determinism.On(processor, null).IsReady);
        Assert.False(Determinism.On(card, null).IsReady);
        Assert.False(Determinism.On(card, ":0:0").IsReady);
        Assert.True(Determinism.On(card, ":4096:8").IsReady);
        Assert.Contains("CUBLAS_WORKSPACE_CONFIG=:4096:8", Assert.Throws<ArgumentException>(() => Determinism.Demand(card, null)).Message);
        Assert.Null(Determinism.Demand(processor, null).Fix);
    }

    [Fact]
    public void A_setup_says_what_it_chose_and_why()
    {
        var threads = torch.get_num_threads();
        try
        {
            var setup = DeviceSetup.Apply(new() { Device = "cpu", Dtype = "float32", Threads = 1, Tf32 = true });
            Assert.Equal("cpu (asked for), float32 (asked for), 1 thread (asked for)", setup.ToString());
            Assert.False(setup.Tf32); // no card
            Assert.Equal(1, torch.get_num_threads());
            Assert.Equal("libtorch's own number", DeviceSetup.Apply(new() { Device = "cpu", Dtype = "float32" }).Threads.Reason); // one by now
            var wrong = Assert.Throws<ArgumentException>(() => DeviceSetup.Apply(new() { Dtype = "half", Threads = 0, NeededBytes = -1, Tf32 = true, Deterministic = true })).Message;
            Assert.All(["Dtype", "Threads", "NeededBytes", "Tf32"], (string name) => Assert.Contains($"{name}: expected", wrong));
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }
}
