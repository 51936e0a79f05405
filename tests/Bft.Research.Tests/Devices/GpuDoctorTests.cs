using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>What is said about machines of many kinds, none of which is here.</summary>
[Collection(nameof(MadeUpDriver))]
public class GpuDoctorTests
{
    private const string Slot = "sys/bus/pci/devices/0000:01:00.0";
    private static readonly LibtorchBuild s_cpu = new("2.10.0", "/lib", false, null, 0);
    private static readonly LibtorchBuild s_cuda = new("2.10.0", "/lib", true, "12.8", 2);

    /// <summary>Everything in its place: two cards on the bus, device nodes, a loaded driver.</summary>
    private static MadeUpFiles Whole() => new(
        ($"{Slot}/vendor", "0x10de\n"), ($"{Slot}/class", "0x030200\n"),
        ("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n"), ("sys/bus/pci/devices/0000:00:01.0/class", "0x030000\n"),
        ("dev/nvidia0", ""), ("dev/nvidia1", ""), ("dev/nvidiactl", ""), ("dev/nvidia-uvm", ""), ("dev/nvidia-uvm-tools", ""),
        ("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\nGCC version: 12\n"),
        ("proc/cpuinfo", "model name\t: A Processor\nflags\t\t: fpu avx2 avx512_bf16\n"), ("proc/meminfo", "MemTotal:       16000000 kB\n"));

    private static GpuReport Examine(MadeUpFiles files, LibtorchBuild libtorch, Func<string, FunctionTable?>? libraries = null, string? visible = null, string? workspace = null)
    {
        var machine = new Machine { Files = files.Files, Driver = () => new(libraries ?? MadeUpDriver.Libraries()), Libtorch = () => libtorch };
        return GpuDoctor.Examine(machine, visible, workspace);
    }

    private static Finding Of(GpuReport report, string item) => Assert.Single(report.Findings, finding => finding.Item == item);

    [Fact]
    public void A_machine_with_everything_needs_nothing()
    {
        MadeUpDriver.Now = new();
        using var files = Whole();
        var report = Examine(files, s_cuda, workspace: ":4096:8");
        Assert.All(report.Findings, finding => Assert.Equal(FindingState.Good, finding.State));
        Assert.Empty(report.Fixes);
        Assert.True(report.HasGpu);
        Assert.Equal("1 of NVIDIA: 0000:01:00.0", Of(report, "card on the bus").Found); // not the controller of another vendor
        Assert.Equal("570.86.15", Of(report, "kernel driver").Found);
        Assert.Equal("libnvidia-ml.so.1: driver 570.86.15, serves CUDA up to 12.8", Of(report, "management library").Found);
        Assert.Equal("libtorch needs 12.8, the driver serves 12.8", Of(report, "CUDA versions").Found);
        Assert.StartsWith("NVIDIA H100 80GB HBM3, compute capability 9.0 (bfloat16), 60.0 of 80.0 GB free; peak: 989.4 TFLOP/s", Of(report, "cuda:0").Found);
        Assert.StartsWith("Tesla T4, compute capability 7.5 (no bfloat16 units: float32)", Of(report, "cuda:1").Found);
        Assert.Equal("A Processor, 16.4 GB; avx2, avx512_bf16", Of(report, "processor").Found);
        Assert.Contains("CUBLAS_WORKSPACE_CONFIG=:4096:8", Assert.Single(Examine(files, s_cuda).Fixes)); // the only thing left to do
    }

    [Fact]
    public void Without_a_card_it_says_what_it_looked_for_and_one_fix()
    {
        using var files = new MadeUpFiles(("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n"));
        var report = Examine(files, s_cpu, _ => null);
        Assert.False(report.HasGpu);
        Assert.Equal(
            ["/sys/bus/pci/devices", "/dev/nvidia*", "/proc/driver/nvidia/version", "libnvidia-ml.so.1", "libcuda.so.1"],
            new[] { "/sys/bus/pci/devices", "/dev/nvidia*", "/proc/driver/nvidia/version", "libnvidia-ml.so.1", "libcuda.so.1" }
                .Where(what => report.Findings.Any(f => f.State == FindingState.Missing && f.Found.Contains(what, StringComparison.Ordinal))));
        Assert.StartsWith("nothing helps without an NVIDIA card", Assert.Single(report.Fixes));
        Assert.Equal(FindingState.Good, Of(report, "libtorch").State); // the CPU's libtorch is right here
    }

    [Fact]
    public void A_card_without_a_driver_needs_one_and_another_build()
    {
        using var files = new MadeUpFiles(($"{Slot}/vendor", "0x10de"), ($"{Slot}/class", "0x030000"));
        var report = Examine(files, s_cpu, _ => null);
        Assert.Contains(report.Fixes, fix => fix.StartsWith("install the NVIDIA driver", StringComparison.Ordinal));
        Assert.Contains(report.Fixes, fix => fix.Contains("-p:TorchBackend=cuda", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Fixes, fix => fix.Contains("without an NVIDIA card", StringComparison.Ordinal));
    }

    [Fact]
    public void A_container_without_cards_is_told_how_to_get_them()
    {
        using var files = new MadeUpFiles(($"{Slot}/vendor", "0x10de"), ($"{Slot}/class", "0x030200"), ("proc/driver/nvidia/version", "NVRM version: 570.86.15"));
        Assert.Contains("--gpus all", Of(Examine(files, s_cuda with { CudaDevices = 0 }, _ => null), "device nodes").Fix);

        using var noMemoryNode = Whole();
        noMemoryNode.Remove("dev/nvidia-uvm");
        var finding = Of(Examine(noMemoryNode, s_cuda), "device nodes");
        Assert.Equal(FindingState.Missing, finding.State);
        Assert.Contains("nvidia_uvm", finding.Fix);
        Assert.Contains("libnvidia-compute", Of(Examine(noMemoryNode, s_cuda, MadeUpDriver.Libraries(DriverLibrary.Cuda)), "management library").Fix);
    }

    [Theory]
    [InlineData(NvmlLibrary.VersionMismatch, 0, "management library", "restart the machine, or the container")]
    [InlineData(NvmlLibrary.DriverNotLoaded, 0, "management library", "modprobe nvidia")]
    [InlineData(NvmlLibrary.NoPermission, 0, "management library", "access to /dev/nvidia*")]
    [InlineData(999, 0, "management library", "nvidia-smi")]
    [InlineData(0, CudaDriverLibrary.NotYetInitialised, "CUDA driver library", "nvidia-fabricmanager")]
    [InlineData(0, CudaDriverLibrary.NoDevice, "CUDA driver library", "unset CUDA_VISIBLE_DEVICES")]
    [InlineData(0, CudaDriverLibrary.DriverMismatch, "CUDA driver library", "restart the machine, or the container")]
    [InlineData(0, 999, "CUDA driver library", "modprobe nvidia_uvm")]
    public void Every_code_of_the_driver_has_its_fix(int nvml, int cuda, string item, string fix)
    {
        MadeUpDriver.Now = new() { NvmlInit = nvml, CudaInit = cuda };
        using var files = Whole();
        var finding = Of(Examine(files, s_cuda with { CudaDevices = 0 }), item);
        Assert.Equal(FindingState.Missing, finding.State);
        Assert.Contains(fix, finding.Fix);
        MadeUpDriver.Now = new();
    }

    [Theory]
    [InlineData(12080, "12.8", FindingState.Good)]
    [InlineData(12040, "12.8", FindingState.Note)]
    [InlineData(13000, "12.8", FindingState.Good)]
    [InlineData(11040, "12.8", FindingState.Missing)]
    [InlineData(12080, "12", FindingState.Good)]
    [InlineData(12080, "13.0", FindingState.Missing)]
    [InlineData(12080, null, FindingState.Note)]
    public void A_driver_must_serve_the_cuda_of_libtorch(int served, string? built, FindingState state)
    {
        MadeUpDriver.Now = new() { CudaVersion = served };
        using var files = Whole();
        var finding = Of(Examine(files, s_cuda with { CudaVersion = built }), "CUDA versions");
        Assert.Equal(state, finding.State);
        if (state == FindingState.Missing)
            Assert.Contains(built == "13.0" ? "580 or newer" : "525 or newer", finding.Fix);
        MadeUpDriver.Now = new();
    }

    [Fact]
    public void A_good_driver_with_the_wrong_libtorch_or_no_visible_card()
    {
        MadeUpDriver.Now = new() { HidesSmall = true };
        using var files = Whole();
        Assert.Contains("TorchBackend=cuda", Of(Examine(files, s_cpu), "libtorch").Fix);
        var hidden = Examine(files, s_cuda with { CudaDevices = 0 }, visible: "7");
        Assert.Equal("none (CUDA_VISIBLE_DEVICES='7')", Of(hidden, "cards for libtorch").Found);
        Assert.Contains("unset CUDA_VISIBLE_DEVICES", Of(hidden, "cards for libtorch").Fix);
        Assert.Contains("Tesla T4", Of(hidden, "hidden card").Found);
        MadeUpDriver.Now = new();
    }

    [Fact]
    public void A_libtorch_that_does_not_load_says_why()
    {
        using var files = Whole();
        var machine = new Machine { Files = files.Files, Driver = () => new(_ => null), Libtorch = () => throw new DllNotFoundException("GLIBCXX_3.4.30 or newer") };
        var report = GpuDoctor.Examine(machine, null, null);
        Assert.Null(report.Libtorch);
        Assert.Equal("GLIBCXX_3.4.30 or newer", Of(report, "libtorch").Fix);
    }

    [Fact]
    public void The_subsystem_of_windows_has_a_device_of_its_own()
    {
        using var files = new MadeUpFiles(("dev/dxg", ""));
        var report = Examine(files, s_cuda);
        Assert.All(["card on the bus", "device nodes", "kernel driver"], (string item) => Assert.Equal(FindingState.Good, Of(report, item).State));
    }

    [Theory]
    [InlineData("12.8", "libtorch_cuda.so", "libcudart-c3a75b33.so.12", "libnvrtc-builtins-6c5639ce.so.12.8")]
    [InlineData("12", "libcudart-c3a75b33.so.12", "libnvrtc.so.12")]
    [InlineData(null, "libtorch_cuda.so", "libc10.so")]
    public void The_cuda_of_a_libtorch_is_in_the_names_of_its_files(string? version, params string[] files) => Assert.Equal(version, LibtorchBuild.VersionOf(files));

    [Fact]
    public void This_process_has_a_libtorch()
    {
        var build = LibtorchBuild.Loaded();
        Assert.StartsWith("2.10", build.Version);
        Assert.True(File.Exists(Path.Combine(build.Folder, "libtorch_cpu.so")));
        Assert.Equal(build.HasCuda, File.Exists(Path.Combine(build.Folder, "libtorch_cuda.so")));
    }
}
