namespace Bft.Research.Devices;

/// <summary>How a process computes, once decided: device, precision, threads, each with its reason.</summary>
/// <param name="Device">Device.</param>
/// <param name="Precision">Type of the model.</param>
/// <param name="Threads">Threads on the CPU.</param>
/// <param name="Tf32">Whether float32 products may use TF32; never on the CPU.</param>
/// <param name="Determinism">What can be promised about repeating results.</param>
public sealed record DeviceSetup(DeviceChoice Device, PrecisionChoice Precision, ThreadChoice Threads, bool Tf32, Determinism Determinism)
{
    /// <summary>Decides, and sets what holds for the whole process: threads, TF32, kernels of attention.</summary>
    /// <param name="options">What is asked for; all problems are thrown together.</param>
    /// <param name="cublasWorkspace">Value of <see cref="Devices.Determinism.WorkspaceVariable"/> at the start of the process; null when it was not set.</param>
    /// <exception cref="ArgumentException">The options have problems, the device is not there, or deterministic results need something that must be set before the process starts.</exception>
    public static DeviceSetup Apply(DeviceOptions options, string? cublasWorkspace = null)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Device options: {string.Join("; ", problems)}.", nameof(options));
        var threads = ThreadChoice.Pick(options.Threads);
        threads.Apply();
        var device = DeviceChoice.Pick(options.Device, options.NeededBytes);
        var tf32 = options.Tf32 && device.IsCuda;
        PrecisionChoice.AllowTf32(tf32);
        var determinism = options.Deterministic ? Determinism.Demand(device, cublasWorkspace) : Determinism.On(device, cublasWorkspace);
        return new(device, PrecisionChoice.Pick(options.Dtype, device), threads, tf32, determinism);
    }

    /// <summary>What the device can do at most in this precision; measures for a while on the CPU.</summary>
    public DevicePeak Peak() => DevicePeak.Of(Device, Precision.Dtype, Tf32);

    /// <summary>The choices and their reasons in one line.</summary>
    public override string ToString() =>
        $"{Device.Name} ({Device.Reason}), {Precision.Dtype.ToString().ToLowerInvariant()} ({Precision.Reason}), {Threads.Threads} thread{(Threads.Threads == 1 ? "" : "s")} ({Threads.Reason})";
}
