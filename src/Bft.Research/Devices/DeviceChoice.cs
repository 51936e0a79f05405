using System.Globalization;

namespace Bft.Research.Devices;

/// <summary>The device of a run, and why it is this one.</summary>
/// <param name="Name"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Card">The card, when it is one and the driver describes it.</param>
public sealed record DeviceChoice(string Name, string Reason, GpuCard? Card = null)
{
    /// <summary>The word that leaves the choice to the machine.</summary>
    public const string Auto = "auto";

    /// <summary>Free memory below which a card is not chosen by itself: context and kernels of libtorch alone take half of it.</summary>
    private const long LeastFree = 1L << 30;

    /// <summary>The device for libtorch.</summary>
    public torch.Device Device => torch.device(Name);

    /// <summary>Whether it is a GPU.</summary>
    public bool IsCuda => Name != "cpu";

    /// <summary>The kind of hardware that computes, for the record of a run; never the name of a machine.</summary>
    public string Hardware => Card?.Name ?? (IsCuda ? "a CUDA card that the driver does not name" : Processor.Describe());

    /// <summary>Chooses a device.</summary>
    /// <param name="wanted"><c>auto</c>: the card with the most free memory, or the CPU when there is none or none has enough; <c>cpu</c>; <c>cuda</c> (the first card); <c>cuda:N</c>.</param>
    /// <param name="neededBytes">Memory that the run will need, where it is known; asks <c>auto</c> for a card with as much free.</param>
    /// <exception cref="ArgumentException">No device has the name, or this machine or build has none of the kind; says what there is.</exception>
    public static DeviceChoice Pick(string wanted = Auto, long neededBytes = 0) => Pick(wanted, neededBytes, Machine.Current);

    internal static DeviceChoice Pick(string wanted, long neededBytes, Machine machine)
    {
        if (wanted == "cpu")
            return new("cpu", "asked for");
        if (wanted == Auto)
            return PickBest(neededBytes, machine);
        var ordinal = 0;
        if (wanted != "cuda" && !(wanted.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(wanted.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal)))
            throw new ArgumentException($"device: expected auto, cpu, cuda or cuda:N, actual '{wanted}'.", nameof(wanted));
        var libtorch = machine.Libtorch();
        return ordinal < libtorch.CudaDevices
            ? new($"cuda:{ordinal}", $"asked for{Room(CardOf(ordinal, machine), neededBytes)}", CardOf(ordinal, machine))
            : throw new ArgumentException($"device: '{wanted}' is not there: {WhyNone(libtorch)}; `bft gpu` says what is missing.", nameof(wanted));
    }

    private static DeviceChoice PickBest(long neededBytes, Machine machine)
    {
        var libtorch = machine.Libtorch();
        if (libtorch.CudaDevices == 0)
            return new("cpu", WhyNone(libtorch));
        List<GpuCard> cards = [.. machine.Driver().Cards().Where(card => card.Ordinal < libtorch.CudaDevices)];
        if (cards.All(card => card.Memory is null))
            return new("cuda:0", "the first card; the driver does not tell free memory", cards.FirstOrDefault(card => card.Ordinal == 0));
        var best = cards.MaxBy(card => card.Memory?.Free ?? -1)!;
        var needed = Math.Max(neededBytes, LeastFree);
        var has = $"cuda:{best.Ordinal} ({best.Name}) has {Gigabytes(best.Memory!.Free)} of {Gigabytes(best.Memory.Total)} free";
        return best.Memory.Free < needed
            ? new("cpu", $"{has}, {Gigabytes(needed)} are needed{(cards.Count > 1 ? "; no other card has more" : "")}")
            : new($"cuda:{best.Ordinal}", has + (cards.Count > 1 ? $", the most of {cards.Count} cards" : ""), best);
    }

    private static GpuCard? CardOf(int ordinal, Machine machine) => machine.Driver().Cards().FirstOrDefault(card => card.Ordinal == ordinal);

    private static string Room(GpuCard? card, long neededBytes) => card?.Memory is not { } memory
        ? ""
        : $"; {Gigabytes(memory.Free)} of {Gigabytes(memory.Total)} free{(memory.Free < neededBytes ? $", {Gigabytes(neededBytes)} are needed" : "")}";

    private static string WhyNone(LibtorchBuild libtorch) => !libtorch.HasCuda
        ? "this build has libtorch for the CPU"
        : libtorch.CudaDevices == 0 ? "libtorch sees no card" : $"libtorch sees {libtorch.CudaDevices} card{(libtorch.CudaDevices == 1 ? "" : "s")}, cuda:0 to cuda:{libtorch.CudaDevices - 1}";

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
