using System.Collections.Concurrent;
using System.Globalization;

namespace Bft.Research.Devices;

/// <summary>What a device can do at most in one precision.</summary>
/// <param name="FlopsPerSecond">Floating-point operations a second, dense; null when it is not known, and no utilisation can be given.</param>
/// <param name="Source">Where the number comes from (a data sheet with the date on which it was looked up, or "measured" and how), or why there is none.</param>
public sealed record DevicePeak(double? FlopsPerSecond, string Source)
{
    private static readonly Lazy<IReadOnlyList<CardPeak>> s_cards = new(CardPeak.All);
    private static readonly ConcurrentDictionary<(torch.ScalarType Dtype, int Threads), DevicePeak> s_measured = [];

    /// <summary>
    /// The peak of a device: for a card, the dense figure of its data sheet (<c>card-peaks.tsv</c>), and none for a card that is not in the table; for the CPU, where no data sheet
    /// gives one, the rate of matrix products, measured once in a process for each type and number of threads.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="dtype">Working precision.</param>
    /// <param name="tf32">Whether float32 products use TF32 (<see cref="PrecisionChoice.AllowTf32"/>).</param>
    public static DevicePeak Of(DeviceChoice device, torch.ScalarType dtype, bool tf32 = false)
    {
        if (device.IsCuda)
            return OfCard(device.Card?.Name, dtype, tf32);
        return s_measured.GetOrAdd((dtype, torch.get_num_threads()), key => new(
            MatrixRate.Measure(torch.CPU, key.Dtype, TimeSpan.FromSeconds(0.3)),
            $"measured: best product of two square {key.Dtype} matrices with 1024 rows on {key.Threads} thread{(key.Threads == 1 ? "" : "s")}"));
    }

    internal static DevicePeak OfCard(string? name, torch.ScalarType dtype, bool tf32)
    {
        if (name is null)
            return new(null, "not known: the driver does not name the card");
        var bare = name.StartsWith("NVIDIA ", StringComparison.Ordinal) ? name[7..] : name;
        if (s_cards.Value.FirstOrDefault(card => card.Names.Contains(bare)) is not { } known)
            return new(null, $"not known: {name} is not in the table of cards (card-peaks.tsv)");
        var (column, peak) = dtype switch
        {
            torch.ScalarType.BFloat16 => ("bfloat16", known.BFloat16),
            torch.ScalarType.Float16 => ("float16", known.Float16),
            torch.ScalarType.Float32 when tf32 => ("TF32", known.Tf32),
            torch.ScalarType.Float32 => ("float32", known.Float32),
            _ => (dtype.ToString(), null),
        };
        return peak is { } teraflops
            ? new(teraflops * 1e12, string.Create(CultureInfo.InvariantCulture, $"{teraflops} TFLOP/s dense {column}, {known.Source}, looked up {known.Date}"))
            : new(null, $"not known: the data sheet of {name} gives no peak for {column}");
    }

    /// <summary>A row of the table of cards, TFLOP/s.</summary>
    private sealed record CardPeak(string[] Names, double? BFloat16, double? Float16, double? Tf32, double? Float32, string Source, string Date)
    {
        public static IReadOnlyList<CardPeak> All()
        {
            using var stream = typeof(CardPeak).Assembly.GetManifestResourceStream("card-peaks.tsv")!;
            using var reader = new StreamReader(stream);
            return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Skip(1).Select(line => Of(line.Split('\t')))];
        }

        private static CardPeak Of(string[] cells) =>
            new(cells[0].Split('|'), Number(cells[1]), Number(cells[2]), Number(cells[3]), Number(cells[4]), cells[5], cells[6]);

        private static double? Number(string cell) => cell == "-" ? null : double.Parse(cell, CultureInfo.InvariantCulture);
    }
}
