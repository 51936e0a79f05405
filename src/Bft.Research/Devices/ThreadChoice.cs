using System.Globalization;

namespace Bft.Research.Devices;

/// <summary>Threads of a tensor operation on the CPU, and why so many. Sums are taken in another order with another number, so results agree to rounding only.</summary>
/// <param name="Threads">How many.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record ThreadChoice(int Threads, string Reason)
{
    private const string CpuInfo = "proc/cpuinfo";

    /// <summary>Chooses a number of threads; <see cref="Apply"/> sets it.</summary>
    /// <param name="wanted">Number asked for; null takes the smallest of what libtorch would take (which follows <c>OMP_NUM_THREADS</c>), cores and granted time.</param>
    /// <remarks>
    /// One thread a core: a second one on the same core shares its arithmetic units. Cores that the process may not use (affinity) and the share of time that its
    /// control group grants do not count; libtorch itself does not look at the latter and would start as many threads as the host has cores.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="wanted"/> is below 1.</exception>
    public static ThreadChoice Pick(int? wanted = null)
    {
        NativeLibraries.EnsureLoaded();
        return Pick(wanted, torch.get_num_threads(), HostFiles.System, Environment.ProcessorCount);
    }

    internal static ThreadChoice Pick(int? wanted, int libtorch, HostFiles files, int processors)
    {
        if (wanted is { } number)
            return number >= 1 ? new(number, "asked for") : throw new ArgumentOutOfRangeException(nameof(wanted), number, "threads: expected a whole number above 0.");
        var cores = Cores(files, processors);
        if (Quota(files) is { } quota && quota < Math.Min(cores, libtorch))
            return new(Math.Max(1, (int)quota), string.Create(CultureInfo.InvariantCulture, $"the control group grants the time of {quota:0.#} processors"));
        return cores < libtorch ? new(cores, $"cores; the {processors} processors are threads of these") : new(libtorch, "libtorch's own number");
    }

    /// <summary>Sets the number for all later tensor operations of the process.</summary>
    public void Apply()
    {
        NativeLibraries.EnsureLoaded();
        torch.set_num_threads(Threads);
    }

    /// <summary>Cores among the processors that the process may use; all of these when the system does not tell cores apart.</summary>
    private static int Cores(HostFiles files, int processors)
    {
        List<string> packages = [.. files.Fields(CpuInfo, "physical id")], cores = [.. files.Fields(CpuInfo, "core id")];
        List<string> numbers = [.. files.Fields(CpuInfo, "processor")];
        if (cores.Count == 0 || packages.Count != cores.Count || numbers.Count != cores.Count)
            return processors;
        var allowed = Numbers(files.Field("proc/self/status", "Cpus_allowed_list"));
        var distinct = Enumerable.Range(0, cores.Count)
            .Where(i => allowed is null || (int.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && allowed.Contains(n)))
            .Select(i => (packages[i], cores[i])).Distinct().Count();
        return Math.Clamp(distinct, 1, Math.Max(1, processors));
    }

    /// <summary>Processors' time that the control group grants (version 2, then 1); null when it sets no limit.</summary>
    private static double? Quota(HostFiles files)
    {
        var parts = files.Text("sys/fs/cgroup/cpu.max")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            ?? [files.Text("sys/fs/cgroup/cpu/cpu.cfs_quota_us")?.Trim() ?? "", files.Text("sys/fs/cgroup/cpu/cpu.cfs_period_us")?.Trim() ?? ""];
        return parts is [var quota, var period]
            && double.TryParse(quota, CultureInfo.InvariantCulture, out var time) && double.TryParse(period, CultureInfo.InvariantCulture, out var of) && time > 0 && of > 0
            ? time / of
            : null;
    }

    /// <summary>A list such as <c>0-3,8</c>.</summary>
    private static HashSet<int>? Numbers(string? list)
    {
        var numbers = new HashSet<int>();
        foreach (var range in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            if (!int.TryParse(ends[0], out var from) || !int.TryParse(ends[^1], out var until) || until - from > 1 << 16)
                return null;
            numbers.UnionWith(Enumerable.Range(from, until - from + 1));
        }

        return numbers.Count == 0 ? null : numbers;
    }
}
