using System.Globalization;
using System.Text.RegularExpressions;

namespace Bft.Research.Devices;

/// <summary>Looks at everything between a card and a tensor on it: bus, device nodes, kernel driver, the driver's libraries, libtorch, and what each lacks, with the fix.</summary>
/// <remarks>Minimum drivers: NVIDIA, CUDA Compatibility, minor version compatibility (525 for CUDA 12, 580 for CUDA 13).</remarks>
public static partial class GpuDoctor
{
    private const string PciFolder = "sys/bus/pci/devices";
    private const string KernelDriver = "proc/driver/nvidia/version";
    private const string InContainer = "in a container: start it with --gpus all and the NVIDIA Container Toolkit (NVIDIA_DRIVER_CAPABILITIES=compute,utility)";

    /// <summary>Examines this machine.</summary>
    /// <param name="visibleDevices">Value of <c>CUDA_VISIBLE_DEVICES</c>; null when it is not set.</param>
    /// <param name="cublasWorkspace">Value of <see cref="Determinism.WorkspaceVariable"/> at the start of the process; null when it was not set.</param>
    public static GpuReport Examine(string? visibleDevices = null, string? cublasWorkspace = null) => Examine(Machine.Current, visibleDevices, cublasWorkspace);

    internal static GpuReport Examine(Machine machine, string? visibleDevices, string? cublasWorkspace)
    {
        var driver = machine.Driver();
        var cards = driver.Cards();
        var onBus = NvidiaOnBus(machine.Files);
        var nodes = machine.Files.Names("dev", "nvidia*").Where(name => Node().IsMatch(name)).ToList();
        var hasWindows = machine.Files.Exists("dev/dxg");
        var hasCard = onBus.Count > 0 || nodes.Count > 0 || hasWindows || cards.Count > 0;
        var (libtorch, build) = Libtorch(machine, hasCard);
        List<Finding> findings =
        [
            Card(machine.Files, onBus, hasWindows, hasCard),
            Nodes(nodes, hasWindows, hasCard),
            Kernel(machine.Files, hasWindows, hasCard),
            Nvml(driver, hasCard),
            Cuda(driver, hasCard),
            build,
        ];
        if (libtorch is { HasCuda: true })
            findings.AddRange([Versions(driver, libtorch), Seen(driver, libtorch, visibleDevices, hasCard)]);
        findings.AddRange(cards.Select(card => Described(card, libtorch)));
        if (libtorch?.CudaDevices > 0)
            findings.Add(Determinism.On(new("cuda:0", ""), cublasWorkspace) is { Fix: { } fix } open
                ? new("repeatable results", FindingState.Note, open.Promise, $"for repeatable results, {fix}")
                : new("repeatable results", FindingState.Good, $"{Determinism.WorkspaceVariable}={cublasWorkspace}"));
        findings.Add(Host(machine.Files));
        return new(findings, cards, libtorch);
    }

    private static Finding Card(HostFiles files, List<string> onBus, bool hasWindows, bool hasCard) => (onBus.Count, hasWindows, hasCard) switch
    {
        ( > 0, _, _) => new("card on the bus", FindingState.Good, $"{onBus.Count} of NVIDIA: {string.Join(", ", onBus)}"),
        (_, true, _) => new("card on the bus", FindingState.Good, "/dev/dxg of the Windows Subsystem for Linux"),
        (_, _, true) => new("card on the bus", FindingState.Note, $"none in /{PciFolder}, but a driver is there"),
        _ => new(
            "card on the bus", FindingState.Missing,
            $"none: {files.Names(PciFolder).Count} devices in /{PciFolder}, no display controller of vendor 0x10de; no /dev/dxg",
            "nothing helps without an NVIDIA card; everything runs on the CPU as well, slower"),
    };

    private static Finding Nodes(List<string> nodes, bool hasWindows, bool hasCard)
    {
        if (hasWindows)
            return new("device nodes", FindingState.Good, "/dev/dxg");
        string[] wanted = ["nvidiactl", "nvidia-uvm"];
        var lacking = wanted.Where(name => !nodes.Contains(name)).ToList();
        if (nodes.Any(name => Numbered().IsMatch(name)) && lacking.Count == 0)
            return new("device nodes", FindingState.Good, string.Join(", ", nodes.Select(name => $"/dev/{name}")));
        return nodes.Count == 0
            ? new("device nodes", FindingState.Missing, "no /dev/nvidia*", hasCard ? $"load the driver (modprobe nvidia nvidia_uvm); {InContainer}" : null)
            : new("device nodes", FindingState.Missing, $"{string.Join(", ", nodes.Select(name => $"/dev/{name}"))}, but {(lacking.Count > 0 ? $"no /dev/{lacking[0]}" : "no card among them")}",
                lacking.Contains("nvidia-uvm") ? "load the memory part of the driver: nvidia-modprobe -u -c 0, or modprobe nvidia_uvm on the host" : InContainer);
    }

    private static Finding Kernel(HostFiles files, bool hasWindows, bool hasCard)
    {
        if (files.Text(KernelDriver) is { } text)
            return new("kernel driver", FindingState.Good, DriverVersion().Match(text) is { Success: true } match ? match.Value : text.Split('\n')[0]);
        return hasWindows
            ? new("kernel driver", FindingState.Good, "that of Windows")
            : new("kernel driver", FindingState.Missing, $"no /{KernelDriver}", hasCard ? "install the NVIDIA driver, 570 or newer, and restart" : null);
    }

    private static Finding Nvml(NvidiaDriver driver, bool hasCard)
    {
        const string item = "management library";
        if (driver.Nvml is { } nvml)
            try
            {
                return new(item, FindingState.Good, $"{DriverLibrary.Nvml}: driver {nvml.DriverVersion}, serves CUDA up to {nvml.CudaVersion}");
            }
            catch (DriverException e)
            {
                return new(item, FindingState.Note, $"{DriverLibrary.Nvml}: {e.Message}", "update the NVIDIA driver to 570 or newer");
            }

        if (driver.NvmlProblem is not { } problem)
            return new(item, FindingState.Missing, $"the loader finds no {DriverLibrary.Nvml}", hasCard ? $"install the driver's libraries (libnvidia-compute or the full driver); {InContainer}" : null);
        return new(item, FindingState.Missing, $"{DriverLibrary.Nvml}: {problem.Message}", problem.Code switch
        {
            NvmlLibrary.VersionMismatch => "the driver was updated: restart the machine, or the container",
            NvmlLibrary.DriverNotLoaded => "load the driver: modprobe nvidia; look into dmesg if that fails (Secure Boot refuses unsigned modules)",
            NvmlLibrary.NoPermission => "give the user access to /dev/nvidia* (group video or render)",
            DriverException.FunctionMissing => "update the NVIDIA driver to 570 or newer",
            _ => "run nvidia-smi, which asks the same library",
        });
    }

    private static Finding Cuda(NvidiaDriver driver, bool hasCard)
    {
        const string item = "CUDA driver library";
        if (driver.Cuda is not null)
            return new(item, FindingState.Good, DriverLibrary.Cuda);
        if (driver.CudaProblem is not { } problem)
            return new(item, FindingState.Missing, $"the loader finds no {DriverLibrary.Cuda}", hasCard ? $"install the driver's libraries (libnvidia-compute or the full driver); {InContainer}" : null);
        return new(item, FindingState.Missing, $"{DriverLibrary.Cuda}: {problem.Message}", problem.Code switch
        {
            CudaDriverLibrary.NoDevice => "let CUDA see a card: unset CUDA_VISIBLE_DEVICES, or name a card that exists",
            CudaDriverLibrary.NotYetInitialised => "start the fabric manager that this kind of machine needs: systemctl start nvidia-fabricmanager, of the driver's exact version",
            CudaDriverLibrary.DriverMismatch => "the driver was updated: restart the machine, or the container",
            _ => "run nvidia-smi; load /dev/nvidia-uvm (modprobe nvidia_uvm) if that works",
        });
    }

    private static (LibtorchBuild? Build, Finding Finding) Libtorch(Machine machine, bool hasCard)
    {
        try
        {
            var build = machine.Libtorch();
            var found = $"{build.Version} for {(build.HasCuda ? $"CUDA {build.CudaVersion ?? "of unknown version"}" : "the CPU")}";
            return (build, build.HasCuda || !hasCard
                ? new("libtorch", FindingState.Good, found)
                : new("libtorch", FindingState.Missing, found, "build for CUDA: dotnet build -c Release -p:TorchBackend=cuda"));
        }
        catch (DllNotFoundException e)
        {
            return (null, new("libtorch", FindingState.Missing, "it does not load", e.Message));
        }
    }

    private static Finding Versions(NvidiaDriver driver, LibtorchBuild libtorch)
    {
        const string item = "CUDA versions";
        if (!Version.TryParse(libtorch.CudaVersion?.Contains('.') == true ? libtorch.CudaVersion : $"{libtorch.CudaVersion}.0", out var built))
            return new(item, FindingState.Note, "the CUDA that libtorch was built for is not known");
        Version served;
        try
        {
            if (driver.Nvml is null)
                return new(item, FindingState.Note, $"libtorch needs {built}; what the driver serves is not known");
            served = driver.Nvml.CudaVersion;
        }
        catch (DriverException)
        {
            return new(item, FindingState.Note, $"libtorch needs {built}; the driver does not say what it serves");
        }

        var needed = built.Major >= 13 ? 580 : 525;
        return served.Major < built.Major
            ? new(item, FindingState.Missing, $"libtorch needs {built}, the driver serves {served}", $"update the NVIDIA driver to {needed} or newer")
            : new(item, served < built ? FindingState.Note : FindingState.Good, $"libtorch needs {built}, the driver serves {served}{(served < built ? ": enough by the rule of minor versions" : "")}");
    }

    private static Finding Seen(NvidiaDriver driver, LibtorchBuild libtorch, string? visibleDevices, bool hasCard)
    {
        const string item = "cards for libtorch";
        var variable = visibleDevices is null ? "" : $" (CUDA_VISIBLE_DEVICES='{visibleDevices}')";
        if (libtorch.CudaDevices > 0)
            return new(item, FindingState.Good, $"{libtorch.CudaDevices}{variable}");
        return new(item, FindingState.Missing, $"none{variable}",
            !hasCard || driver.Cuda is null ? null : visibleDevices is null ? "see whether a newer driver helps; libtorch and driver disagree" : "unset CUDA_VISIBLE_DEVICES, or name a card that exists");
    }

    private static Finding Described(GpuCard card, LibtorchBuild? libtorch)
    {
        var memory = card.Memory is { } m ? string.Create(CultureInfo.InvariantCulture, $", {m.Free / 1e9:0.0} of {m.Total / 1e9:0.0} GB free") : "";
        var precision = card.ComputeCapability >= new Version(8, 0) ? "bfloat16" : "no bfloat16 units: float32";
        var peak = DevicePeak.OfCard(card.Name, torch.ScalarType.BFloat16, tf32: false);
        var found = $"{card.Name}, compute capability {card.ComputeCapability} ({precision}){memory}; peak: {peak.Source}";
        return card.Ordinal is { } ordinal
            ? new($"cuda:{ordinal}", libtorch?.CudaDevices > ordinal ? FindingState.Good : FindingState.Note, found)
            : new("hidden card", FindingState.Note, $"{found}; CUDA does not show it");
    }

    private static Finding Host(HostFiles files)
    {
        string[] fast = [.. Processor.Flags(files).Where(flag => flag is "avx2" or "avx512f" or "avx512_bf16" or "amx_bf16")];
        var memory = files.KilobytesField("proc/meminfo", "MemTotal") is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / 1e9:0.0} GB") : "";
        return new("processor", FindingState.Good, $"{Processor.Model(files)}{memory}{(fast.Length == 0 ? "" : $"; {string.Join(", ", fast)}")}");
    }

    /// <summary>Slots of display controllers of NVIDIA.</summary>
    private static List<string> NvidiaOnBus(HostFiles files) =>
    [
        .. files.Names(PciFolder).Where(slot => files.Text($"{PciFolder}/{slot}/vendor")?.Trim() == "0x10de" && files.Text($"{PciFolder}/{slot}/class")?.StartsWith("0x03", StringComparison.Ordinal) == true),
    ];

    [GeneratedRegex(@"^nvidia(\d+|ctl|-uvm)$")]
    private static partial Regex Node();

    [GeneratedRegex(@"^nvidia\d+$")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\d{3,}\.\d+(\.\d+)?")]
    private static partial Regex DriverVersion();
}
