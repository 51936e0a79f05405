namespace Bft.Research.Devices;

/// <summary>Where and how tensors are computed. <see cref="DeviceSetup.Apply"/> acts on it.</summary>
public sealed record DeviceOptions
{
    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; see <see cref="DeviceChoice.Pick(string, long)"/>.</summary>
    public string Device { get; init; } = DeviceChoice.Auto;

    /// <summary><c>auto</c>, <c>bfloat16</c>, <c>float32</c> or <c>float64</c>; see <see cref="PrecisionChoice.Pick(string, DeviceChoice)"/>.</summary>
    public string Dtype { get; init; } = PrecisionChoice.Auto;

    /// <summary>Threads of a tensor operation on the CPU; null leaves it to the machine: see <see cref="ThreadChoice.Pick(int?)"/>.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether float32 products on a card may use TF32; see <see cref="PrecisionChoice.AllowTf32"/>.</summary>
    public bool Tf32 { get; init; }

    /// <summary>Whether results must repeat as far as they can; see <see cref="Determinism"/>.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Memory that the run will need on a card, in bytes; 0 when not known. A training run takes its memory plan where that is more (<see cref="Runs.RunMemory.Choose"/>).</summary>
    public long NeededBytes { get; init; }

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none. Whether a device is there is not looked at.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Dtype is not (PrecisionChoice.Auto or "bfloat16" or "float32" or "float64"))
            problems.Add($"{nameof(Dtype)}: expected auto, bfloat16, float32 or float64, actual '{Dtype}'");
        if (Threads < 1)
            problems.Add($"{nameof(Threads)}: expected a whole number above 0, actual {Threads}");
        if (NeededBytes < 0)
            problems.Add($"{nameof(NeededBytes)}: expected at least 0, actual {NeededBytes}");
        if (Tf32 && Deterministic)
            problems.Add($"{nameof(Tf32)}: expected false beside {nameof(Deterministic)}, which is about comparing runs, actual true");
        return problems;
    }
}
