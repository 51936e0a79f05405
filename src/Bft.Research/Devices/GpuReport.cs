namespace Bft.Research.Devices;

/// <summary>What the doctor found on a machine.</summary>
/// <param name="Findings">Everything that was looked at, from the card upwards.</param>
/// <param name="Cards">The cards that the driver knows.</param>
/// <param name="Libtorch">The libtorch of this process; null when it does not load.</param>
public sealed record GpuReport(IReadOnlyList<Finding> Findings, IReadOnlyList<GpuCard> Cards, LibtorchBuild? Libtorch)
{
    /// <summary>Whether libtorch can compute on a card.</summary>
    public bool HasGpu => Libtorch?.CudaDevices > 0;

    /// <summary>What to do, in order; empty when nothing is.</summary>
    public IReadOnlyList<string> Fixes => [.. Findings.Select(finding => finding.Fix).OfType<string>().Distinct()];
}
