namespace Bft.Research.Devices;

/// <summary>What can be promised about repeating a run with the same bytes, and what has to be set for it.</summary>
/// <param name="IsReady">Whether all is set that can be set.</param>
/// <param name="Promise">What holds then, in words.</param>
/// <param name="Fix">What is to be done first; null when nothing is.</param>
/// <remarks>
/// TorchSharp 0.107.0 cannot turn on libtorch's deterministic algorithms (<c>use_deterministic_algorithms</c> is declared and not implemented), so an operation without a deterministic
/// kernel is not refused on a GPU; <c>bft gpu</c> takes the same step twice and compares bytes instead.
/// </remarks>
public sealed record Determinism(bool IsReady, string Promise, string? Fix = null)
{
    /// <summary>The variable that cuBLAS reads when its first handle is made; it must stand in the environment before the process starts.</summary>
    public const string WorkspaceVariable = "CUBLAS_WORKSPACE_CONFIG";

    /// <summary>What can be promised on a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="workspace">Value of <see cref="WorkspaceVariable"/> at the start of the process; null when it was not set.</param>
    public static Determinism On(DeviceChoice device, string? workspace)
    {
        if (!device.IsCuda)
            return new(true, "the same bytes for the same number of threads, processor and build");
        const string promise = "products of cuBLAS repeat with the same card, driver and build; other kernels are as libtorch makes them, because TorchSharp cannot demand deterministic ones";
        return workspace is ":4096:8" or ":16:8"
            ? new(true, promise)
            : new(false, promise, $"start the process with {WorkspaceVariable}=:4096:8{(workspace is null ? "" : $" (it is '{workspace}')")}; setting it later has no effect");
    }

    /// <summary>Demands repeatable results as far as they can be had: attention by matrix products, not by fused kernels that add in any order.</summary>
    /// <param name="device">The device.</param>
    /// <param name="workspace">As for <see cref="On"/>.</param>
    /// <exception cref="ArgumentException">Something is not set that must be set before the process starts; the message says what.</exception>
    public static Determinism Demand(DeviceChoice device, string? workspace)
    {
        var determinism = On(device, workspace);
        if (determinism.Fix is { } fix)
            throw new ArgumentException($"Deterministic results on {device.Name}: {fix}.", nameof(workspace));
        if (device.IsCuda)
        {
            torch.backends.cuda.enable_flash_sdp(false);
            torch.backends.cuda.enable_math_sdp(true);
        }

        return determinism;
    }
}
